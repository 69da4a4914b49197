import * as z from 'zod';
import { ask } from './call.ts';
import type { Database, Session } from './session.ts';

const Answer = z.array(
  z.object({
    table: z.string(),
    rows: z.number(),
    bytes: z.number(),
    writes: z.number(),
    dependants: z.number(),
  }),
);

/** What one table of a database is like. */
export type TableState = z.infer<typeof Answer>[number];

/**
 * How large tables are and how busy, and what hangs on them; those that don't exist are left out. Names are as SQL
 * writes them. One Data API call that changes nothing.
 */
export const tableFacts = async (
  session: Session,
  database: Database,
  tables: string[],
  remaining?: () => number,
): Promise<TableState[]> =>
  tables.length === 0
    ? []
    : Answer.parse(await ask(session, database, facts, { tables: JSON.stringify(tables) }, remaining));

/**
 * Rows are estimated as PostgreSQL's planner does it: as many to a page as VACUUM or ANALYZE have found, in as many pages
 * as there are now; where these have never been there, by the counters, which a crash or a restore empties, but no page is
 * taken to be empty. Writes are per second, on average since the counters were last emptied. A partitioned table is all of
 * its partitions: its own count is their sum.
 * https://www.postgresql.org/docs/17/row-estimation-examples.html, https://www.postgresql.org/docs/17/monitoring-stats.html
 */
const facts = `WITH named AS (
  SELECT t.name, to_regclass(t.name)::oid AS oid FROM json_array_elements_text(CAST(:tables AS json)) t(name)
), parts AS (
  SELECT n.name, n.oid AS root, c.oid, c.relkind, c.reltuples, c.relpages
    FROM named n JOIN pg_class c ON c.oid = n.oid OR c.oid IN (SELECT p.relid FROM pg_partition_tree(n.oid::regclass) p)
    WHERE c.relkind IN ('r', 'm', 'p')
), since AS (
  SELECT greatest(1, extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))) AS seconds
    FROM pg_stat_database WHERE datname = current_database()
)
SELECT coalesce(json_agg(t ORDER BY t."table" COLLATE "C"), '[]')::text FROM (
  SELECT p.name AS "table",
      coalesce(round(sum(CASE WHEN p.reltuples > 0 AND p.relpages > 0
          THEN p.reltuples / p.relpages * (pg_relation_size(p.oid) / current_setting('block_size')::integer)
          ELSE greatest(pg_stat_get_live_tuples(p.oid), pg_relation_size(p.oid) / current_setting('block_size')::integer) END) FILTER (WHERE p.relkind <> 'p')), 0)::bigint AS rows,
      sum(pg_table_size(p.oid))::bigint AS bytes,
      round((sum(pg_stat_get_tuples_inserted(p.oid) + pg_stat_get_tuples_updated(p.oid) + pg_stat_get_tuples_deleted(p.oid))
        / (SELECT seconds FROM since))::numeric, 2) AS writes,
      (SELECT count(*) FROM pg_constraint k WHERE k.confrelid = p.root AND k.conrelid <> p.root AND k.conparentid = 0)
        + (SELECT count(DISTINCT r.ev_class) FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
            WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p.root AND r.ev_class <> p.root) AS dependants
    FROM parts p GROUP BY p.name, p.root) t`;
