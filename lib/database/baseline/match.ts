import type { Migration } from '../../migrations/bundle.ts';
import { byNumber } from '../../migrations/names.ts';
import { type ByHand, doubts, mappedTo } from './by-hand.ts';
import { lookFor, numberOf } from './look-for.ts';
import type { Listed, Listing, Tool } from './tool.ts';

/** Our files: what a bundle says of them, and their bytes by name. */
export type Files = { migrations: Migration[]; contents: ReadonlyMap<string, Buffer> };

/** How what a tool lists and our files belong together. */
export type Match = {
  /** Number of our migrations, from the first on, that the tool has applied; means something without problems only. */
  applied: number;
  /** Theirs, and ours, null where it has none. */
  pairs: { theirs: string; ours: string | null }[];
  problems: string[];
};

/** Holds what a tool lists against our files: each must be found, and none may be missing before the last one. */
export const match = (tool: Tool, listing: Listing, files: Files, byHand: ByHand): Match => {
  const { migrations } = files;
  const found = listing.applied.map((listed) => ({ listed, ...findOurs(listed, migrations, byHand) }));
  const pairs = found.map(({ listed, ours }) => ({ theirs: listed.key, ours: ours?.id ?? null }));
  const problems = [
    ...listing.problems,
    ...found.flatMap(({ problem }) => problem ?? []),
    ...doubts(listing, migrations, byHand),
  ];

  if (byHand.upto !== undefined) {
    const applied = migrations.findIndex(({ id }) => id === byHand.upto) + 1;
    if (listing.applied.length === 0) problems.push(`lists nothing, so that nothing up to ${byHand.upto} can be there`);
    return { applied, pairs, problems };
  }
  const has = (migration: Migration, at: number) =>
    found.some(
      ({ listed, ours }) => ours === migration || (listed.alsoBefore && ours && at < migrations.indexOf(ours)),
    );
  const below = (migration: Migration) => listing.floor !== undefined && isBelow(migration, listing.floor);
  const applied = migrations.map((migration, at) => has(migration, at) || below(migration));
  const last = applied.lastIndexOf(true);
  for (const [at, migration] of migrations.entries()) {
    if (at < last && !applied[at])
      problems.push(
        `does not list ${migration.file}, but ${migrations[last]?.file}, which comes after it: apply it with that tool first, or give it a higher number`,
      );
    const own = found.filter(({ ours, byMap }) => ours === migration && !byMap).map(({ listed }) => listed);
    const objection = own.length > 0 && tool.verify?.(own, files.contents.get(migration.file)!);
    if (objection) problems.push(`${migration.file} ${objection}`);
  }
  return { applied: last + 1, pairs, problems };
};

type Found = { ours: Migration | null; byMap: boolean; problem?: string };

/** By hand if somebody said so, else by the tool's own names. */
const findOurs = (listed: Listed, migrations: Migration[], { map, upto }: ByHand): Found => {
  const mapped = mappedTo(listed.key, map);
  if (mapped === null || upto !== undefined) return { ours: null, byMap: true };
  if (mapped !== undefined) return { ours: migrations.find(({ id }) => id === mapped) ?? null, byMap: true };
  const ours = lookFor(listed, migrations);
  if (typeof ours === 'object') return { ours, byMap: false };
  const remedy = `put its file there, or say in a map which one it is: {"${listed.key}": "ID"}, or null if it doesn't count`;
  return { ours: null, byMap: false, problem: `lists ${listed.key}, ${ours}: ${remedy}` };
};

const isBelow = ({ file }: Migration, floor: string): boolean => {
  const [number, limit] = [numberOf(file), numberOf(floor)];
  return number !== null && limit !== null && byNumber({ number }, { number: limit }) <= 0;
};
