import type { HistoryRow } from '../database/inspect.ts';
import type { Bundle } from '../migrations/bundle.ts';

/** Where a database stands in a bundle: how many of its migrations it has, and what speaks against going on. */
export type Standing = { applied: number; problems: string[] };

/**
 * Holds a database's history against a bundle. What is applied must be the bundle's beginning, unchanged and without
 * gaps; a migration that failed or got half-way counts as pending.
 */
export const standing = ({ migrations }: Bundle, history: HistoryRow[]): Standing => {
  const rows = new Map(history.map((row) => [row.migration, row]));
  const isApplied = (id: string) => rows.get(id)?.state === 'applied';
  const known = new Set(migrations.map(({ id }) => id));
  const head = migrations.findLastIndex(({ id }) => isApplied(id));
  const problems: string[] = [];
  for (const [index, { id, file, checksum }] of migrations.entries()) {
    if (index <= head && !isApplied(id)) {
      problems.push(
        `${file} is not applied, but ${migrations[head]?.file}, which comes after it, is. Give it a number above that.`,
      );
    } else if (isApplied(id) && rows.get(id)?.checksum !== checksum) {
      problems.push(`${file} was edited after it was applied. Restore it and add a new migration instead.`);
    }
  }
  for (const { migration, state } of history) {
    if (state === 'applied' && !known.has(migration)) {
      problems.push(
        `${migration} is applied in the database but missing from the bundle. Put its file back, or run a newer bundle.`,
      );
    }
  }
  return { applied: head + 1, problems };
};
