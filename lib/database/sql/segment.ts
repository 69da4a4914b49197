import { literal } from '../literal.ts';
import { admission, admissionVariables, known, makeRoom } from './admission.ts';
import { milliseconds, ownPath } from './own-path.ts';

/**
 * Carries out one transactional segment, or says why not. Its effect and its history row commit together, so whatever
 * becomes of the caller, history tells the truth; and calling it again is harmless.
 *
 * A failing statement takes back the whole segment (its own subtransaction) but not the row that tells of it.
 * Unqualified names never mean Lockstep's own schema, as they would for a role of that name by `"$user"`. While a
 * migration's own path is in force, names and operators are Lockstep's only with their schema: whoever may create
 * functions in `public` could have made ones that fit better.
 * Sessions are pooled and shared: what a migration leaves in its own (settings, role, temporary tables, prepared
 * statements, locks) is undone before it commits.
 *
 * The application's name says which statement is at work, since when, and how long it may take: `statement_timeout`
 * counts for the whole call, so that whoever watches (see watch.ts) cancels what takes too long.
 *
 * PL/pgSQL prepares each of its expressions anew in every transaction, and runs a whole query for a `PERFORM`, or for
 * an expression that selects from something. For most migrations that takes longer than what they do: so settings are
 * made by assignment, and what is seldom needed stands in a branch that is seldom taken.
 * `integrity` is there where statements may take rows out, or put some in, behind a sequence's back.
 */
export const applySegment = `CREATE OR REPLACE FUNCTION lockstep.apply(m jsonb, for_run text, for_token bigint) RETURNS jsonb
LANGUAGE plpgsql AS ${literal(`DECLARE
  setting  text := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);${admissionVariables}
  began    timestamptz := clock_timestamp();
  since    timestamptz;
  first    integer := (m ->> 'from')::integer;
  upto     integer := first + jsonb_array_length(m -> 'statements');
  at       integer;
  allowed  bigint := (m ->> 'statementTimeout')::bigint;
  spent    numeric;
  measured jsonb := '[]';
  stands   text;
  settings jsonb;
  role_was text := current_setting('role');
  counted  jsonb;
  failed   jsonb;
BEGIN
  IF (m ->> 'touchesSession')::boolean THEN
    SELECT jsonb_object_agg(s.name, s.setting) INTO settings FROM pg_catalog.pg_settings s WHERE s.context IN ('user', 'superuser');
  END IF;
${admission}
  IF past.intent IS NOT NULL THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'edited', 'why', 'unsettled');
  END IF;
  setting := set_config('lock_timeout', m ->> 'lockTimeout', true);
  IF m ? 'integrity' THEN
    counted := lockstep.row_counts();
  END IF;
  BEGIN
${ownPath}
    FOR number IN first OPERATOR(pg_catalog.+) 1 .. upto LOOP
      at := number;
      since := pg_catalog.clock_timestamp();
      setting := pg_catalog.set_config('application_name', pg_catalog.concat_ws(' ', 'lockstep', allowed,
        ${milliseconds('since')}::bigint, pg_catalog.concat(id, '#', at)), true);
      EXECUTE m OPERATOR(pg_catalog.->) 'statements' OPERATOR(pg_catalog.->>) (at OPERATOR(pg_catalog.-) first OPERATOR(pg_catalog.-) 1);
      spent := ${milliseconds('(pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) since)')};
      IF allowed OPERATOR(pg_catalog.>) 0 AND spent OPERATOR(pg_catalog.>) allowed::numeric THEN
        RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled';
      END IF;
      measured := measured OPERATOR(pg_catalog.||) pg_catalog.to_jsonb(pg_catalog.round(spent, 1));
    END LOOP;
    at := NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
    IF counted IS NOT NULL THEN
      setting := pg_catalog.set_config('role', role_was, false);
      PERFORM lockstep.guard(m OPERATOR(pg_catalog.->) 'integrity', counted);
    END IF;
  EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
    failed := jsonb_strip_nulls(jsonb_build_object('statement', at)) || jsonb_build_object('sqlstate', SQLSTATE, 'message', left(CASE
      WHEN SQLSTATE = '57014' AND allowed > 0 AND clock_timestamp() > since + make_interval(secs => allowed / 1000.0)
        THEN 'canceling statement due to statement timeout (' || allowed || ' ms)'
      ELSE SQLERRM END, 4000));
  END;
  setting := pg_catalog.concat(pg_catalog.set_config('role', role_was, false),
    pg_catalog.set_config('search_path', NULL, false), pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true));
  IF settings IS NOT NULL THEN
    PERFORM set_config(s.name, settings ->> s.name, false) FROM pg_settings s
      WHERE s.context IN ('user', 'superuser') AND s.setting IS DISTINCT FROM settings ->> s.name
        AND s.name NOT IN ('search_path', 'application_name') AND s.name NOT LIKE 'transaction%';
    PERFORM pg_advisory_unlock_all();
    DEALLOCATE ALL;
    UNLISTEN *;
    IF failed IS NULL THEN
      DISCARD TEMP;
    END IF;
  END IF;
  IF failed ->> 'sqlstate' IN ('55P03', '40P01') THEN
    failed := failed || jsonb_build_object('blockers', (SELECT jsonb_agg(b) FROM (
      SELECT a.pid, a.application_name AS application, a.usename AS role, a.state, l.mode, l.relation::regclass::text AS relation,
          round(extract(epoch FROM clock_timestamp() - a.xact_start)) AS seconds
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.granted AND l.locktype = 'relation' AND a.datname = current_database() AND a.pid <> pg_backend_pid()
          AND l.relation >= 16384 ORDER BY a.xact_start, l.mode LIMIT 5) b));
  END IF;
${makeRoom}
  stands := CASE WHEN failed IS NOT NULL THEN CASE WHEN up THEN 'failed' ELSE past.state END
    WHEN upto < (m ->> 'steps')::integer THEN CASE WHEN up THEN 'running' ELSE 'reverting' END
    ELSE CASE WHEN up THEN 'applied' ELSE 'reverted' END END;
  IF past.migration IS NULL THEN
    INSERT INTO lockstep.history
        (migration, position, ordinal, name, checksum, mode, state, step, prefix, timings, failure, run, token, started_at, finished_at)
      VALUES (id, place, turn, m ->> 'name', m ->> 'checksum', m ->> 'mode', stands, CASE WHEN failed IS NULL THEN upto ELSE first END,
        m ->> CASE WHEN failed IS NULL THEN 'prefixAfter' ELSE 'prefix' END, measured, failed, for_run, for_token, began, clock_timestamp());
  ELSE
    UPDATE lockstep.history h SET
        position = place, ordinal = CASE WHEN up THEN turn ELSE h.ordinal END, name = m ->> 'name', checksum = m ->> 'checksum', mode = m ->> 'mode',
        state = stands, step = CASE WHEN failed IS NULL THEN upto ELSE first END,
        prefix = m ->> CASE WHEN failed IS NULL THEN 'prefixAfter' ELSE 'prefix' END, intent = NULL,
        timings = CASE WHEN first = 0 THEN '[]' ELSE h.timings END || CASE WHEN failed IS NULL THEN measured ELSE '[]' END,
        failure = failed, run = for_run, token = for_token, applied_by = current_user,
        started_at = CASE WHEN first = 0 THEN began ELSE h.started_at END, finished_at = clock_timestamp()
      WHERE h.migration = id;
  END IF;
  RETURN jsonb_build_object('migration', id, 'run', for_run, 'failure', failed,
    'outcome', CASE WHEN failed IS NULL THEN 'applied' ELSE 'failed' END,
    'known', CASE WHEN failed IS NULL THEN ${known} END,
    'milliseconds', round(extract(epoch FROM clock_timestamp() - began)::numeric * 1000, 1));
END`)}`;

/**
 * Carries out segments one after another, each committed by itself, up to the first that is not applied afterwards.
 * An isolation level must be the first thing said in a transaction: nothing may be computed between COMMIT and it.
 *
 * Its answer must fit into a row of 64 KB, whatever the number of segments. `done` has a letter for each that is
 * applied: `a` by this call, `m` before, by this run, and `o` by another; `milliseconds` are those of this run.
 * `stop` is the outcome of the one after them, if that is none of these.
 * The first commit waits for the disk, and so makes the fencing token last; of the others only the end of the call
 * does, for all of them: what waits there is a transaction that has written something, if only a row's lock, and it is
 * not in the way of who is at work meanwhile. What a crash of the server takes away in between, it takes away whole,
 * with its history row: it is applied again. https://www.postgresql.org/docs/18/wal-async-commit.html
 */
export const runSegments = `CREATE OR REPLACE PROCEDURE lockstep.run(segments jsonb, for_run text, for_token bigint, INOUT outcomes jsonb)
LANGUAGE plpgsql AS ${literal(`DECLARE
  outcome jsonb;
  done    text := '';
  spent   numeric := 0;
  setting text;
BEGIN
  FOR i IN 0 .. jsonb_array_length(segments) - 1 LOOP
    CASE segments -> i ->> 'isolation'
      WHEN 'repeatable read' THEN
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
        outcome := lockstep.apply(segments -> i, for_run, for_token);
      WHEN 'serializable' THEN
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
        outcome := lockstep.apply(segments -> i, for_run, for_token);
      ELSE
        outcome := lockstep.apply(CASE WHEN outcome -> 'known' IS NULL THEN segments -> i
          ELSE segments -> i || pg_catalog.jsonb_build_object('known', outcome -> 'known') END, for_run, for_token);
    END CASE;
    IF outcome ->> 'outcome' NOT IN ('applied', 'already applied') THEN
      outcomes := outcome;
    ELSE
      done := done || CASE WHEN outcome ->> 'outcome' = 'applied' THEN 'a' WHEN outcome ->> 'run' = for_run THEN 'm' ELSE 'o' END;
      spent := spent + CASE WHEN outcome ->> 'run' = for_run THEN (outcome ->> 'milliseconds')::numeric ELSE 0 END;
    END IF;
    -- For this commit alone, and after what the migration has left in its session was undone.
    IF i > 0 THEN
      setting := set_config('synchronous_commit', 'off', true);
    END IF;
    COMMIT;
    EXIT WHEN outcomes IS NOT NULL;
  END LOOP;
  IF setting IS NOT NULL THEN
    PERFORM FROM lockstep.fence FOR UPDATE SKIP LOCKED;
    COMMIT;
  END IF;
  outcomes := pg_catalog.jsonb_build_object('done', done, 'milliseconds', spent, 'stop', outcomes);
END`)}`;
