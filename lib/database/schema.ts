import { literal } from './literal.ts';

/** Grows with every change of what {@link install} creates; a database says in its schema's comment which it has. */
export const SCHEMA_VERSION = 1;

/**
 * One statement that installs or upgrades Lockstep's own schema in a database. Safe to repeat.
 *
 * A `DO` block, because the Data API takes one statement a call, and made of plain literals only, because its scanner
 * for `:name` reads into dollar quotes. Raises `55P03` when someone else is installing: waiting for a lock in a
 * database where `CREATE INDEX CONCURRENTLY` runs would deadlock with it.
 */
export const install = (): string =>
  `DO ${literal(`BEGIN
  IF NOT pg_try_advisory_xact_lock(${LOCK}) THEN
    RAISE EXCEPTION 'another run is at work in this database' USING ERRCODE = 'lock_not_available';
  END IF;
  PERFORM set_config('client_min_messages', 'warning', true);
${[...tables, apply, run, begin, done, fail, comment].map((statement) => `  EXECUTE ${literal(statement)};`).join('\n')}
END`)}`;

/** Advisory lock held while a migration is applied; two numbers of our own, so that no application meets it by chance. */
const LOCK = '1819239275, 1937006960';

const tables = [
  'CREATE SCHEMA IF NOT EXISTS lockstep',
  `CREATE TABLE IF NOT EXISTS lockstep.history (
    migration   text PRIMARY KEY,
    position    integer NOT NULL,
    name        text NOT NULL,
    checksum    text NOT NULL,
    mode        text NOT NULL CHECK (mode IN ('transactional', 'stepwise')),
    state       text NOT NULL CHECK (state IN ('applied', 'failed', 'running')),
    step        integer NOT NULL DEFAULT 0,
    intent      jsonb,
    timings     jsonb NOT NULL DEFAULT '[]',
    failure     jsonb,
    run         text NOT NULL,
    token       bigint NOT NULL,
    applied_by  text NOT NULL DEFAULT current_user,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz
  )`,
  `CREATE UNIQUE INDEX IF NOT EXISTS history_position_key ON lockstep.history (position) WHERE state = 'applied'`,
  `CREATE TABLE IF NOT EXISTS lockstep.fence (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    token    bigint NOT NULL,
    run      text NOT NULL
  )`,
  `INSERT INTO lockstep.fence (token, run) VALUES (0, '') ON CONFLICT DO NOTHING`,
];

/**
 * Decides, inside the transaction that would do the work, whether a segment of a migration may be carried out now;
 * returns a document whose `outcome` says why not. A segment is a run of statements that belong together: the whole of
 * a transactional migration, or a part of a stepwise one from statement `from` (0-based) on.
 */
const admission = `
  IF NOT pg_try_advisory_xact_lock(${LOCK}) THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'busy');
  END IF;
  UPDATE lockstep.fence SET token = for_token, run = for_run WHERE token <= for_token;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'fenced', 'by', (SELECT f.run FROM lockstep.fence f));
  END IF;
  SELECT * INTO past FROM lockstep.history h WHERE h.migration = id;
  IF past.checksum <> m ->> 'checksum' AND (past.state = 'applied' OR past.step > 0) THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'edited');
  ELSIF past.state = 'applied' OR past.step > (m ->> 'from')::integer THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'already applied', 'run', past.run,
      'milliseconds', (SELECT coalesce(sum(t::numeric), 0) FROM jsonb_array_elements_text(past.timings) t));
  END IF;
  SELECT h.migration INTO head FROM lockstep.history h WHERE h.state = 'applied' ORDER BY h.position DESC LIMIT 1;
  IF head IS DISTINCT FROM m ->> 'previous'
     OR (SELECT count(*) FROM lockstep.history h WHERE h.state = 'applied') <> (m ->> 'position')::integer - 1
     OR coalesce(past.step, 0) <> (m ->> 'from')::integer THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'head', head);
  END IF;`;

/**
 * Carries out one transactional segment, or says why not. Its effect and its history row commit together, so whatever
 * becomes of the caller, history tells the truth; and calling it again is harmless.
 *
 * A failing statement takes back the whole segment (its own subtransaction) but not the row that tells of it.
 * Unqualified names never mean Lockstep's own schema, as they would for a role of that name by `"$user"`.
 * Sessions are pooled and shared: what a migration sets (`SET`, role, temporary tables) is undone before it commits.
 */
const apply = `CREATE OR REPLACE FUNCTION lockstep.apply(m jsonb, for_run text, for_token bigint) RETURNS jsonb
LANGUAGE plpgsql AS ${literal(`DECLARE
  id       text := m ->> 'id';
  past     lockstep.history;
  head     text;
  began    timestamptz := clock_timestamp();
  since    timestamptz;
  upto     integer := (m ->> 'from')::integer + jsonb_array_length(m -> 'statements');
  timings  jsonb := '[]';
  settings jsonb;
  role_was text := current_setting('role');
  failed   jsonb;
BEGIN
  IF (m ->> 'touchesSession')::boolean THEN
    SELECT jsonb_object_agg(s.name, s.setting) INTO settings FROM pg_catalog.pg_settings s WHERE s.context IN ('user', 'superuser');
  END IF;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
${admission}
  PERFORM set_config('lock_timeout', m ->> 'lockTimeout', true);
  BEGIN
    RESET search_path;
    IF 'lockstep' = ANY (current_schemas(false)) THEN
      PERFORM set_config('search_path', (SELECT coalesce(string_agg(quote_ident(s), ', '), '') FROM unnest(current_schemas(false)) s WHERE s <> 'lockstep'), true);
    END IF;
    FOR i IN 0 .. jsonb_array_length(m -> 'statements') - 1 LOOP
      since := clock_timestamp();
      failed := jsonb_build_object('statement', (m ->> 'from')::integer + i + 1);
      EXECUTE m -> 'statements' ->> i;
      timings := timings || to_jsonb(round(extract(epoch FROM clock_timestamp() - since)::numeric * 1000, 1));
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    failed := NULL;
  EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
    failed := coalesce(failed, '{}') || jsonb_build_object('sqlstate', SQLSTATE, 'message', SQLERRM);
  END;
  PERFORM pg_catalog.set_config('role', role_was, false);
  RESET search_path;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  IF settings IS NOT NULL THEN
    PERFORM set_config(s.name, settings ->> s.name, false) FROM pg_settings s
      WHERE s.context IN ('user', 'superuser') AND s.setting IS DISTINCT FROM settings ->> s.name
        AND s.name <> 'search_path' AND s.name NOT LIKE 'transaction%';
    IF failed IS NULL THEN
      DISCARD TEMP;
    END IF;
  END IF;
  INSERT INTO lockstep.history AS h
      (migration, position, name, checksum, mode, state, step, timings, failure, run, token, started_at, finished_at)
    VALUES (id, (m ->> 'position')::integer, m ->> 'name', m ->> 'checksum', m ->> 'mode',
      CASE WHEN failed IS NOT NULL THEN 'failed' WHEN upto = (m ->> 'steps')::integer THEN 'applied' ELSE 'running' END,
      CASE WHEN failed IS NULL THEN upto ELSE (m ->> 'from')::integer END,
      timings, failed, for_run, for_token, began, clock_timestamp())
    ON CONFLICT (migration) DO UPDATE SET
      position = excluded.position, name = excluded.name, checksum = excluded.checksum, mode = excluded.mode,
      state = excluded.state, step = excluded.step, intent = NULL,
      timings = CASE WHEN h.step = 0 THEN '[]' ELSE h.timings END || CASE WHEN failed IS NULL THEN excluded.timings ELSE '[]' END,
      failure = excluded.failure, run = excluded.run, token = excluded.token, applied_by = current_user,
      started_at = CASE WHEN h.step = 0 THEN excluded.started_at ELSE h.started_at END, finished_at = excluded.finished_at;
  RETURN jsonb_build_object('migration', id, 'run', for_run, 'failure', failed,
    'outcome', CASE WHEN failed IS NULL THEN 'applied' ELSE 'failed' END,
    'milliseconds', round(extract(epoch FROM clock_timestamp() - began)::numeric * 1000, 1));
END`)}`;

/** Carries out segments one after another, each committed by itself, up to the first that is not applied afterwards. */
const run = `CREATE OR REPLACE PROCEDURE lockstep.run(segments jsonb, for_run text, for_token bigint, INOUT outcomes jsonb)
LANGUAGE plpgsql AS ${literal(`DECLARE
  outcome jsonb;
BEGIN
  outcomes := '[]';
  FOR i IN 0 .. jsonb_array_length(segments) - 1 LOOP
    outcome := lockstep.apply(segments -> i, for_run, for_token);
    outcomes := outcomes || outcome;
    COMMIT;
    EXIT WHEN outcome ->> 'outcome' NOT IN ('applied', 'already applied');
  END LOOP;
END`)}`;

/**
 * Before a statement that can't run in a transaction: writes down what is about to be sent, or says why it must not be.
 * Answers `go`, or `intent` about an earlier intent whose outcome nobody recorded: whether its sender may still be
 * `live`, and the `backend` that still carries it out, if any.
 */
const begin = `CREATE OR REPLACE FUNCTION lockstep.begin_step(m jsonb, for_run text, for_token bigint, deadline_seconds numeric) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS ${literal(`DECLARE
  id    text := m ->> 'id';
  past  lockstep.history;
  head  text;
BEGIN
${admission}
  IF past.intent IS NOT NULL THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'intent',
      'live', (past.intent ->> 'deadline')::timestamptz > clock_timestamp(),
      'backend', (SELECT a.pid FROM pg_stat_activity a WHERE a.datname = current_database() AND a.state = 'active'
        AND a.pid <> pg_backend_pid() AND position(past.intent ->> 'mark' IN a.query) > 0 LIMIT 1));
  END IF;
  INSERT INTO lockstep.history AS h (migration, position, name, checksum, mode, state, intent, run, token, started_at)
    VALUES (id, (m ->> 'position')::integer, m ->> 'name', m ->> 'checksum', 'stepwise', 'running',
      jsonb_build_object('mark', m ->> 'mark', 'deadline', clock_timestamp() + make_interval(secs => deadline_seconds)),
      for_run, for_token, clock_timestamp())
    ON CONFLICT (migration) DO UPDATE SET
      position = excluded.position, name = excluded.name, checksum = excluded.checksum, mode = excluded.mode,
      state = excluded.state, intent = excluded.intent, failure = NULL, run = excluded.run, token = excluded.token,
      applied_by = current_user, started_at = CASE WHEN h.step = 0 THEN excluded.started_at ELSE h.started_at END,
      finished_at = NULL;
  RETURN jsonb_build_object('migration', id, 'outcome', 'go');
END`)}`;

/** After such a statement: moves on to the next step; the last one makes the migration applied. Safe to repeat. */
const done = `CREATE OR REPLACE FUNCTION lockstep.end_step(id text, finished integer, of_steps integer, milliseconds numeric, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET
      step = finished, intent = NULL, timings = h.timings || to_jsonb(milliseconds),
      state = CASE WHEN finished = of_steps THEN 'applied' ELSE h.state END,
      finished_at = CASE WHEN finished = of_steps THEN clock_timestamp() END
    WHERE h.migration = id AND h.step = finished - 1 AND h.state = 'running' AND h.token <= for_token;
  SELECT jsonb_build_object('step', h.step, 'state', h.state) FROM lockstep.history h WHERE h.migration = id`)}`;

/**
 * The statement is known not to have taken effect: withdraws the intent, keeping the steps before it.
 * With a failure the migration stands as failed; without one the step may be begun again.
 */
const fail = `CREATE OR REPLACE FUNCTION lockstep.withdraw_step(id text, at_step integer, why jsonb, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET
      intent = NULL, failure = why,
      state = CASE WHEN why IS NULL THEN h.state ELSE 'failed' END,
      finished_at = CASE WHEN why IS NULL THEN NULL ELSE clock_timestamp() END
    WHERE h.migration = id AND h.step = at_step AND h.intent IS NOT NULL AND h.token <= for_token;
  SELECT jsonb_build_object('step', h.step, 'state', h.state) FROM lockstep.history h WHERE h.migration = id`)}`;

const comment = `COMMENT ON SCHEMA lockstep IS 'Lockstep ${SCHEMA_VERSION}: which migrations this database has. Never edit it by hand.'`;
