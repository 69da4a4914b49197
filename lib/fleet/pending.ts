import { remedy } from '../database/doubt.ts';
import type { HistoryRow } from '../database/inspect.ts';
import { prefixOf } from '../database/segments.ts';
import type { Bundle, Migration } from '../migrations/bundle.ts';
import type { Place } from './fleet.ts';

/** How environment and database are called in a problem until somebody fills in their names. */
export const UNNAMED = ['ENVIRONMENT', 'DATABASE'] as const;

/** What has to be known of a row of a database's history. */
export type Row = Pick<HistoryRow, 'migration' | 'checksum' | 'state' | 'step' | 'prefix'>;

/** Where a database stands in a bundle, and what speaks against going on. */
export type Standing = Place & { problems: string[] };

/** Ids of the migrations that a database lacks, in the bundle's order. */
export const pendingOf = ({ migrations }: Bundle, { applied, late }: Place): string[] => [
  ...late,
  ...migrations.slice(applied).map(({ id }) => id),
];

/**
 * Holds a database's history against a bundle. What is applied must be the bundle's beginning, unchanged and without
 * gaps, except for migrations that say themselves that they may come late; one that failed counts as pending.
 */
export const standing = ({ migrations }: Bundle, history: Row[]): Standing => {
  const rows = new Map(history.map((row) => [row.migration, row]));
  const isApplied = ({ id }: Migration) => rows.get(id)?.state === 'applied';
  const head = migrations.findLastIndex(isApplied);
  const below = migrations.slice(0, Math.max(0, head)).filter((it) => !isApplied(it));
  const gaps = new Map(below.map((it) => [it.id, gap(it, migrations[head]!)]));
  const known = new Set(migrations.map(({ id }) => id));
  const problems = [
    ...migrations.map((it) => contradiction(it, rows.get(it.id), migrations) ?? gaps.get(it.id) ?? null),
    ...history.filter(({ migration }) => !known.has(migration)).map((row) => missing(row, migrations)),
  ];
  return {
    applied: head + 1,
    late: below.filter(mayComeLate).map(({ id }) => id),
    problems: problems.filter((it) => it !== null),
  };
};

const mayComeLate = ({ directives }: Migration): boolean => directives?.outOfOrder === true;

const gap = (migration: Migration, newest: Migration): string | null =>
  mayComeLate(migration)
    ? null
    : `${migration.file} is not applied, but ${newest.file}, which comes after it, is. Give it a number above that, or say in its first line that it may come late: -- lockstep: out-of-order`;

/** What a migration's row says against the migration's file. */
const contradiction = (migration: Migration, row: Row | undefined, all: Migration[]): string | null => {
  const { id, file, checksum, up } = migration;
  if (row?.state === 'in doubt') return inDoubt(file, row);
  if (row?.state === 'reverting') return halfBack(file);
  if (row?.state === 'applied' && row.checksum !== checksum) {
    const now = namesake(row, all);
    return now === undefined
      ? `${file} was edited after it was applied. Restore it and add a new migration instead.`
      : `${file} has another content than what was applied as ${id}: that is ${now.file} now. Files were reordered; give them back their numbers.`;
  }
  if (row && isHalfDone(row) && row.step > 0 && row.prefix !== prefixOf(up, row.step)) {
    return `${file} got half-way there, and what is done of it (${counted(row.step)}) was edited since. Restore that; only what comes after may be changed.`;
  }
  return null;
};

/** What a row means whose migration the bundle doesn't have. */
const missing = (row: Row, all: Migration[]): string | null => {
  const { migration, state, step } = row;
  if (state === 'in doubt') return inDoubt(migration, row);
  if (state === 'reverting') return halfBack(migration);
  if (state === 'applied') {
    const now = namesake(row, all);
    return now === undefined
      ? `${migration} is applied in the database but missing from the bundle. Put its file back, or run a newer bundle.`
      : `${migration} is applied in the database, and its file is ${now.file} now. Give it back its number.`;
  }
  if (!isHalfDone(row)) return null;
  return `${migration} got half-way in the database (${counted(step)} done) but is missing from the bundle. Put its file back, or settle it with lockstep resolve.`;
};

/** The one migration that has the content of a row under another number. */
const namesake = ({ migration, checksum }: Row, all: Migration[]): Migration | undefined => {
  const found = all.filter((it) => it.checksum === checksum && it.id !== migration && it.up.length > 0);
  return found.length === 1 ? found[0] : undefined;
};

const isHalfDone = ({ state, step }: Row): boolean => state === 'running' || (state === 'failed' && step > 0);

const inDoubt = (name: string, { migration, step }: Row): string =>
  `${name} is in doubt: nobody knows whether its statement ${step + 1} took effect. ${remedy(...UNNAMED, migration)}`;

const halfBack = (name: string): string =>
  `${name} is taken back half-way there. Take it back to the end with: lockstep revert ENVIRONMENT and the run that brought it in`;

const counted = (statements: number): string => `${statements} statement${statements === 1 ? '' : 's'}`;
