import * as z from 'zod';

/** What a table is like where it is largest of all the databases that were looked at. */
export const TableFacts = z.object({
  /** As SQL names it: `orders`, `shop."Order"`. */
  table: z.string(),
  /** `cluster/database`. */
  database: z.string(),
  /** An estimate. */
  rows: z.number(),
  bytes: z.number(),
  /** Rows inserted, updated or deleted in a second, on average. */
  writes: z.number(),
  /** Views on it, and foreign keys to it. */
  dependants: z.number(),
});

export type TableFacts = z.infer<typeof TableFacts>;

/** What was looked at: the tables, and the ones that the pending migrations make themselves. */
export type Facts = { tables: Map<string, TableFacts>; made: Set<string> };

/** Of several databases the largest table of each name. */
export const largest = (found: TableFacts[]): TableFacts[] => {
  const byName = new Map<string, TableFacts>();
  for (const it of found) {
    const other = byName.get(it.table);
    if (!other || it.bytes > other.bytes || (it.bytes === other.bytes && it.rows > other.rows))
      byName.set(it.table, it);
  }
  return [...byName.values()].toSorted((a, b) => (a.table < b.table ? -1 : 1));
};
