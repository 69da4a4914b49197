import { join } from 'node:path';
import type { Files } from './folder.ts';
import { type FileName, numberKey, type Scheme } from './names.ts';
import { type Problem, problemWith } from './problem.ts';

/** Brings ups and downs of one number together; `names` are in the order of the numbers. */
export const pairUp = (folder: string, names: FileName[]): { migrations: Files[]; problems: Problem[] } => {
  const problems = mixture(folder, names);
  const migrations: Files[] = [];
  for (const same of Map.groupBy(names, numberKey).values()) {
    const ups = same.filter(({ direction }) => direction === 'up');
    const downs = same.filter(({ direction }) => direction === 'down');
    for (const several of [ups, downs].filter(({ length }) => length > 1)) problems.push(clash(folder, several, names));
    const [up] = ups;
    const [down] = downs;
    if (up) migrations.push({ up, down: down ?? null });
    if (down && !up) problems.push(orphan(folder, down));
    if (up && down && up.name !== down.name) problems.push(estranged(folder, up, down));
  }
  return { migrations, problems };
};

const mixture = (folder: string, names: FileName[]): Problem[] => {
  const schemes = [...Map.groupBy(names, ({ scheme }) => scheme)].sort(([, a], [, b]) => b.length - a.length);
  const [, ...others] = schemes;
  if (others.length === 0) return [];
  const told = schemes.map(([scheme, of]) => `${WORDING[scheme]} (${some(of)})`).join(' and ');
  // Named for the smallest group's first file: the likeliest to be the stray one.
  const stray = others.at(-1)![1][0]!;
  const remedy = `rename them to one scheme: between them there is no order to rely on`;
  return [problemWith(join(folder, stray.file), `the folder mixes numbering schemes: ${told}`, remedy)];
};

const clash = (folder: string, several: FileName[], all: FileName[]): Problem => {
  const [first, ...others] = several.map(({ file }) => file).sort();
  const { scheme, direction } = several[0]!;
  const last = all.findLast((name) => name.scheme === scheme);
  const next = scheme === 'sequential' && last ? `: ${following(last.id)} is free` : '';
  const both = several.length === 2 ? 'both have' : 'all have';
  return problemWith(
    join(folder, others[0]!),
    `${first} and ${others.join(', ')} ${both} the number ${numberKey(several[0]!)}`,
    `give each ${direction === 'up' ? 'migration' : 'down file'} a number of its own${next}`,
  );
};

const orphan = (folder: string, down: FileName): Problem =>
  problemWith(
    join(folder, down.file),
    `takes back number ${down.id}, but no file brings it in`,
    'add the up file with that number, or delete this one',
  );

const estranged = (folder: string, up: FileName, down: FileName): Problem =>
  problemWith(
    join(folder, down.file),
    `has the number of ${up.file} but another name`,
    'rename one of them, so that what is taken back is what was brought in',
  );

const WORDING: Record<Scheme, string> = {
  sequential: 'sequential',
  timestamp: 'timestamp',
  hybrid: 'date and number',
  flyway: "Flyway's",
};

const some = (names: FileName[]): string => {
  const shown = names.slice(0, 3).map(({ file }) => file);
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
};

const following = (id: string): string => String(BigInt(id) + 1n).padStart(id.length, '0');
