import { literal } from '../literal.ts';
import { milliseconds, ownPath } from './own-path.ts';

/**
 * How many rows this session has inserted into and deleted from each table so far, by the table's oid, partitions
 * counted at their root. Counters of a session are not emptied while a statement runs, so that the difference between
 * two looks within one is what happened in between. A subtransaction that was rolled back stays counted.
 * https://www.postgresql.org/docs/17/monitoring-stats.html#MONITORING-STATS-VIEWS
 */
export const rowCounts = `CREATE OR REPLACE FUNCTION lockstep.row_counts() RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  SELECT coalesce(jsonb_object_agg(root, jsonb_build_array(inserted, deleted)), '{}') FROM (
    SELECT coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root,
        sum(pg_stat_get_xact_tuples_inserted(c.oid)) AS inserted, sum(pg_stat_get_xact_tuples_deleted(c.oid)) AS deleted
      FROM pg_class c
      WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.oid >= 16384 AND c.relnamespace <> to_regnamespace('lockstep')
        AND pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid) > 0
      GROUP BY 1) t`)}`;

/**
 * Raises integrity_constraint_violation where a migration, in the transaction that it is still in, has taken rows out
 * of a table without saying so, or has put in the row that a sequence would run into first: an insert by the
 * application would fail. What it would run into without this migration is nobody's fault here.
 *
 * A sequence is no part of a snapshot: it is read in the query that looks at the rows, after its snapshot was taken, or
 * what others have inserted in between by that sequence would seem to be ahead of it. A row is this transaction's where
 * its xmin is, or that of a subtransaction, which have the numbers behind its own; a row frozen long ago may show any number.
 */
export const guard = `CREATE OR REPLACE FUNCTION lockstep.guard(rules jsonb, before jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS ${literal(`DECLARE
  t       record;
  s       record;
  met     record;
  highest bigint;
  wrong   text[] := '{}';
BEGIN
  FOR t IN SELECT c.oid, n.nspname, c.relname, (v ->> 0)::bigint - coalesce((before -> k ->> 0)::bigint, 0) AS inserted,
        (v ->> 1)::bigint - coalesce((before -> k ->> 1)::bigint, 0) AS deleted
      FROM jsonb_each(lockstep.row_counts()) e(k, v) JOIN pg_class c ON c.oid = k::oid JOIN pg_namespace n ON n.oid = c.relnamespace
      ORDER BY n.nspname, c.relname LOOP
    IF (rules ->> 'rows')::boolean AND t.deleted > t.inserted
        AND NOT rules -> 'losesRows' ?| ARRAY[t.relname, t.nspname || '.' || t.relname] THEN
      wrong := wrong || format('%s would lose %s row%s, and the migration does not say so: -- lockstep: loses-rows=%s', t.oid::regclass,
        t.deleted - t.inserted, CASE WHEN t.deleted - t.inserted = 1 THEN '' ELSE 's' END, t.relname);
    END IF;
    CONTINUE WHEN NOT (rules ->> 'sequences')::boolean OR t.inserted <= 0;
    FOR s IN SELECT q.seqrelid::regclass AS name, q.seqincrement AS step, a.attname
        FROM pg_depend d JOIN pg_sequence q ON q.seqrelid = d.objid
          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.deptype IN ('a', 'i')
          AND q.seqincrement > 0 AND NOT q.seqcycle AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
          AND EXISTS (SELECT FROM pg_index x WHERE x.indrelid = t.oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
            AND x.indkey[0] = a.attnum) LOOP
      BEGIN
        EXECUTE format('WITH s AS MATERIALIZED (SELECT CASE WHEN is_called THEN least(last_value::numeric + %s, 9223372036854775807)::bigint
              ELSE last_value END AS next FROM %s)
            SELECT (SELECT next FROM s) AS next, age(xmin) BETWEEN age(pg_current_xact_id()::xid) - 1000000 AND age(pg_current_xact_id()::xid) AS ours
              FROM %s WHERE %I >= (SELECT next FROM s) ORDER BY %4$I LIMIT 1', s.step, s.name, t.oid::regclass, s.attname) INTO met;
        CONTINUE WHEN met.ours IS NOT TRUE;
        EXECUTE format('SELECT max(%I) FROM %s', s.attname, t.oid::regclass) INTO highest;
        wrong := wrong || format('sequence %s would give out %s next, but %s.%s goes up to %s: SELECT setval(%L, %s)',
          s.name, met.next, t.oid::regclass, quote_ident(s.attname), highest, s.name::text, highest);
      EXCEPTION WHEN insufficient_privilege THEN
        NULL; -- Whose sequence it is may forbid that it is looked at.
      END;
    END LOOP;
  END LOOP;
  IF cardinality(wrong) > 0 THEN
    RAISE EXCEPTION '%', array_to_string(wrong[1:10], '; ') USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END`)}`;

/**
 * Runs queries that must find no rows, from the one numbered \`first\`, and tells how many each finds, up to 101; what
 * is left when time is up is for the next call. In a transaction that can't write. With \`unless\`, nothing is run where
 * that run has begun already: what is to be true before it need not be true half-way.
 */
export const verify = `CREATE OR REPLACE FUNCTION lockstep.verify(checks jsonb, first integer, unless text) RETURNS jsonb
LANGUAGE plpgsql AS ${literal(`DECLARE
  began   timestamptz := pg_catalog.clock_timestamp();
  setting text := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  results jsonb := '[]';
  found   bigint;
BEGIN
  IF unless IS NOT NULL AND EXISTS (SELECT FROM lockstep.history h WHERE h.run = unless) THEN
    RETURN jsonb_build_object('begun', true, 'results', results);
  END IF;
${ownPath}
  setting := pg_catalog.set_config('transaction_read_only', 'on', true);
  FOR at IN first .. pg_catalog.jsonb_array_length(checks) OPERATOR(pg_catalog.-) 1 LOOP
    EXIT WHEN at OPERATOR(pg_catalog.>) first AND ${milliseconds('(pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began)')} OPERATOR(pg_catalog.>) 10000::numeric;
    setting := pg_catalog.set_config('application_name', pg_catalog.concat_ws(' ', 'lockstep', checks OPERATOR(pg_catalog.->) at OPERATOR(pg_catalog.->>) 'allowed',
      ${milliseconds('pg_catalog.clock_timestamp()')}::bigint, checks OPERATOR(pg_catalog.->) at OPERATOR(pg_catalog.->>) 'name'), true);
    BEGIN
      EXECUTE pg_catalog.concat('SELECT pg_catalog.count(*) FROM (SELECT FROM (', checks OPERATOR(pg_catalog.->) at OPERATOR(pg_catalog.->>) 'sql', E'\\n) must_find_nothing LIMIT 101) counted') INTO found;
      results := results OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('rows', found);
    EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
      results := results OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('sqlstate', SQLSTATE, 'message', pg_catalog."left"(SQLERRM, 1000));
    END;
  END LOOP;
  RETURN pg_catalog.jsonb_build_object('results', results);
END`)}`;
