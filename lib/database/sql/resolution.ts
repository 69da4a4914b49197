import { literal } from '../literal.ts';
import { LOCK } from './admission.ts';

/** What people have overruled in a database's history, and what was adopted from other tools; only ever added to. */
export const resolutionTable = `CREATE TABLE IF NOT EXISTS lockstep.resolution (
    ticket       uuid PRIMARY KEY,
    migration    text NOT NULL,
    verdict      text NOT NULL CHECK (verdict IN ('applied', 'not applied', 'baseline')),
    reason       text NOT NULL CHECK (reason <> ''),
    requested_by text NOT NULL,
    role         text NOT NULL DEFAULT session_user,
    resolved_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    before       jsonb,
    after        jsonb
  )`;

/** SQL of one value: a hash over all rows of a table `t`. */
export const contents = `md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text COLLATE "C"), ''))`;

/** Under the lock of the runs, who are told that history changes; a repeated call, known by its ticket, has no second effect. */
const begin = `
  IF NOT pg_try_advisory_xact_lock(${LOCK}) THEN
    RETURN jsonb_build_object('outcome', 'busy');
  END IF;
  IF EXISTS (SELECT FROM lockstep.resolution r WHERE r.ticket = (m ->> 'ticket')::uuid) THEN
    RETURN jsonb_build_object('outcome', 'resolved');
  END IF;
  UPDATE lockstep.fence SET token = token;`;

/**
 * Overrules history about one migration, if what stands there is what the person who decided has seen, and if nobody
 * is at work on it: a statement that runs outside of a transaction holds no lock of ours, and who announced one may
 * yet send it. `positions` are the places of all migrations in the bundle: a row taken out must not leave a hole.
 */
export const resolve = `CREATE OR REPLACE FUNCTION lockstep.resolve(m jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS ${literal(`DECLARE
  id     text := m ->> 'migration';
  past   lockstep.history;
  worker integer;
BEGIN
${begin}
  SELECT * INTO past FROM lockstep.history h WHERE h.migration = id;
  worker := lockstep.at_work(past);
  IF worker IS NOT NULL OR past.state <> 'in doubt' AND (past.intent ->> 'deadline')::timestamptz > clock_timestamp() THEN
    RETURN jsonb_build_object('outcome', 'at work', 'pid', worker, 'until', past.intent -> 'deadline');
  END IF;
  IF (SELECT md5(h::text) FROM lockstep.history h WHERE h.migration = id) IS DISTINCT FROM m ->> 'seen' THEN
    RETURN jsonb_build_object('outcome', 'changed');
  END IF;
  INSERT INTO lockstep.history AS h (migration, position, ordinal, name, checksum, mode, state, step, prefix, failure, run, token, started_at, finished_at)
    VALUES (id, (m ->> 'position')::integer, (SELECT coalesce(max(o.ordinal), 0) + 1 FROM lockstep.history o), m ->> 'name', m ->> 'checksum', m ->> 'mode', m ->> 'state', (m ->> 'step')::integer,
      m ->> 'prefix', nullif(m -> 'failure', 'null'), m ->> 'run', (SELECT f.token FROM lockstep.fence f), clock_timestamp(), clock_timestamp())
    ON CONFLICT (migration) DO UPDATE SET
      position = excluded.position, name = excluded.name, checksum = excluded.checksum, mode = excluded.mode,
      ordinal = CASE WHEN excluded.state = 'applied' AND h.state IN ('failed', 'reverted') THEN excluded.ordinal ELSE h.ordinal END,
      state = excluded.state, step = excluded.step, prefix = excluded.prefix, intent = NULL, failure = excluded.failure,
      timings = (SELECT coalesce(jsonb_agg(coalesce(h.timings -> i, 'null') ORDER BY i), '[]') FROM generate_series(0, excluded.step - 1) i),
      run = excluded.run, token = excluded.token, applied_by = current_user, finished_at = excluded.finished_at;
  UPDATE lockstep.history h SET position = p.value::integer FROM jsonb_each_text(m -> 'positions') p
    WHERE h.migration = p.key AND h.migration <> id AND h.position <> p.value::integer;
  INSERT INTO lockstep.resolution (ticket, migration, verdict, reason, requested_by, before, after)
    SELECT (m ->> 'ticket')::uuid, id, m ->> 'verdict', m ->> 'reason', m ->> 'requestedBy',
      CASE WHEN past.migration IS NOT NULL THEN to_jsonb(past) END, to_jsonb(h) FROM lockstep.history h WHERE h.migration = id;
  RETURN jsonb_build_object('outcome', 'resolved');
END`)}`;

/**
 * Marks migrations as applied that another tool has applied, if that tool's table and our history are still as they
 * were when it was decided. `table` is quoted already.
 */
export const baseline = `CREATE OR REPLACE FUNCTION lockstep.baseline(m jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS ${literal(`DECLARE
  listed text;
BEGIN
${begin}
  EXECUTE format(${literal(`SELECT ${contents} FROM %s t`)}, m ->> 'table') INTO listed;
  IF listed IS DISTINCT FROM m ->> 'listed'
     OR (SELECT md5(coalesce(string_agg(md5(h::text), '' ORDER BY h.migration COLLATE "C"), '')) FROM lockstep.history h) <> m ->> 'seen' THEN
    RETURN jsonb_build_object('outcome', 'changed');
  END IF;
  INSERT INTO lockstep.history (migration, position, ordinal, name, checksum, mode, state, step, run, token, started_at, finished_at)
    SELECT x.id, x.position, (SELECT coalesce(max(o.ordinal), 0) FROM lockstep.history o) + row_number() OVER (ORDER BY x.position), x.name, x.checksum, x.mode, 'applied', x.step, m ->> 'run', f.token, clock_timestamp(), clock_timestamp()
    FROM lockstep.fence f, jsonb_to_recordset(m -> 'migrations') AS x (id text, position integer, name text, checksum text, mode text, step integer);
  INSERT INTO lockstep.resolution (ticket, migration, verdict, reason, requested_by, after)
    VALUES ((m ->> 'ticket')::uuid, m -> 'migrations' -> -1 ->> 'id', 'baseline', m ->> 'reason', m ->> 'requestedBy',
      jsonb_build_object('table', m -> 'table', 'run', m -> 'run',
        'migrations', (SELECT jsonb_agg(x -> 'id') FROM jsonb_array_elements(m -> 'migrations') x)));
  RETURN jsonb_build_object('outcome', 'resolved');
END`)}`;
