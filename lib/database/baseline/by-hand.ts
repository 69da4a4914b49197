import type { Migration } from '../../migrations/bundle.ts';
import type { Listing } from './tool.ts';

/** What a person says about which of a tool's entries are which of our files. */
export type ByHand = {
  /** Ours by theirs; null for what doesn't count. A key may end in `*`. */
  map?: Record<string, string | null> | undefined;
  /** All that the tool lists is in our migrations up to this one. */
  upto?: string | undefined;
};

/** What a map says about a key: the key itself before a pattern, the longest pattern first; undefined for nothing. */
export const mappedTo = (key: string, map: ByHand['map'] = {}): string | null | undefined => {
  if (Object.hasOwn(map, key)) return map[key];
  const patterns = Object.keys(map).filter((it) => it.endsWith('*') && key.startsWith(it.slice(0, -1)));
  const [best] = patterns.sort((a, b) => b.length - a.length);
  return best === undefined ? undefined : map[best];
};

/** What is wrong with it: ids that no file has, and files of which a tool has applied a part only. */
export const doubts = ({ applied }: Listing, migrations: Migration[], { map = {}, upto }: ByHand): string[] => {
  const known = new Set(migrations.map(({ id }) => id));
  const ids = new Set([...Object.values(map).filter((id) => id !== null), ...(upto === undefined ? [] : [upto])]);
  const strangers = [...ids].filter((id) => !known.has(id));
  const problems = strangers.map((id) => `is said to have ${id}, and no file has that number`);
  const listed = new Set(applied.map(({ key }) => key));
  const onlyNewest = applied.some(({ alsoBefore }) => alsoBefore);
  for (const [id, keys] of Map.groupBy(exactKeys(map), (key) => map[key])) {
    const missing = keys.filter((key) => !listed.has(key));
    const begun = missing.length < keys.length;
    // Of a tool that lists its newest only, the last of several keys is the one that completes ours.
    if (begun && (onlyNewest ? !listed.has(keys.at(-1)!) : missing.length > 0))
      problems.push(
        `has applied only a part of ${id}: ${(onlyNewest ? [keys.at(-1)!] : missing).join(', ')} is missing`,
      );
  }
  return problems;
};

const exactKeys = (map: Record<string, string | null>): string[] =>
  Object.keys(map).filter((key) => !key.endsWith('*') && map[key] !== null);
