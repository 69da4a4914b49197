import { literal } from '../literal.ts';
import { admission, admissionVariables, known, makeRoom } from './admission.ts';

/**
 * Carries out one transactional segment, or says why not. Its effect and its history row commit together, so whatever
 * becomes of the caller, history tells the truth; and calling it again is harmless.
 *
 * A failing statement takes back the whole segment (its own subtransaction) but not the row that tells of it.
 * Unqualified names never mean Lockstep's own schema, as they would for a role of that name by `"$user"`.
 * Sessions are pooled and shared: what a migration leaves in its own (settings, role, temporary tables, prepared
 * statements, locks) is undone before it commits.
 *
 * The application's name says which statement is at work, since when, and how long it may take: `statement_timeout`
 * counts for the whole call, so that whoever watches (see watch.ts) cancels what takes too long.
 */
export const applySegment = `CREATE OR REPLACE FUNCTION lockstep.apply(m jsonb, for_run text, for_token bigint) RETURNS jsonb
LANGUAGE plpgsql AS ${literal(`DECLARE${admissionVariables}
  began    timestamptz := clock_timestamp();
  since    timestamptz;
  upto     integer := (m ->> 'from')::integer + jsonb_array_length(m -> 'statements');
  allowed  bigint := (m ->> 'statementTimeout')::bigint;
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
  IF past.intent IS NOT NULL THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'edited', 'why', 'unsettled');
  END IF;
  PERFORM set_config('lock_timeout', m ->> 'lockTimeout', true);
  BEGIN
    RESET search_path;
    IF 'lockstep' = ANY (current_schemas(false)) THEN
      PERFORM set_config('search_path', (SELECT coalesce(string_agg(quote_ident(s), ', '), '') FROM unnest(current_schemas(false)) s WHERE s <> 'lockstep'), true);
    END IF;
    FOR i IN 0 .. jsonb_array_length(m -> 'statements') - 1 LOOP
      since := clock_timestamp();
      failed := jsonb_build_object('statement', (m ->> 'from')::integer + i + 1);
      PERFORM pg_catalog.set_config('application_name', pg_catalog.concat_ws(' ', 'lockstep', allowed,
        (extract(epoch FROM since) * 1000)::bigint, id || '#' || (m ->> 'from')::integer + i + 1), true);
      EXECUTE m -> 'statements' ->> i;
      IF allowed > 0 AND clock_timestamp() > since + make_interval(secs => allowed / 1000.0) THEN
        RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled';
      END IF;
      timings := timings || to_jsonb(round(extract(epoch FROM clock_timestamp() - since)::numeric * 1000, 1));
    END LOOP;
    failed := '{}';
    SET CONSTRAINTS ALL IMMEDIATE;
    failed := NULL;
  EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
    failed := coalesce(failed, '{}') || jsonb_build_object('sqlstate', SQLSTATE, 'message', left(CASE
      WHEN SQLSTATE = '57014' AND allowed > 0 AND clock_timestamp() > since + make_interval(secs => allowed / 1000.0)
        THEN 'canceling statement due to statement timeout (' || allowed || ' ms)'
      ELSE SQLERRM END, 4000));
  END;
  PERFORM pg_catalog.set_config('role', role_was, false);
  RESET search_path;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
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
  INSERT INTO lockstep.history AS h
      (migration, position, ordinal, name, checksum, mode, state, step, prefix, timings, failure, run, token, started_at, finished_at)
    VALUES (id, place, tally.ordinal + 1, m ->> 'name', m ->> 'checksum', m ->> 'mode',
      CASE WHEN up THEN CASE WHEN failed IS NOT NULL THEN 'failed' WHEN upto = (m ->> 'steps')::integer THEN 'applied' ELSE 'running' END
        ELSE CASE WHEN failed IS NOT NULL THEN past.state WHEN upto = (m ->> 'steps')::integer THEN 'reverted' ELSE 'reverting' END END,
      CASE WHEN failed IS NULL THEN upto ELSE (m ->> 'from')::integer END,
      CASE WHEN failed IS NULL THEN m ->> 'prefixAfter' ELSE m ->> 'prefix' END,
      timings, failed, for_run, for_token, began, clock_timestamp())
    ON CONFLICT (migration) DO UPDATE SET
      position = excluded.position, ordinal = CASE WHEN up THEN excluded.ordinal ELSE h.ordinal END, name = excluded.name, checksum = excluded.checksum, mode = excluded.mode,
      state = excluded.state, step = excluded.step, prefix = excluded.prefix, intent = NULL,
      timings = CASE WHEN (m ->> 'from')::integer = 0 THEN '[]' ELSE h.timings END || CASE WHEN failed IS NULL THEN excluded.timings ELSE '[]' END,
      failure = excluded.failure, run = excluded.run, token = excluded.token, applied_by = current_user,
      started_at = CASE WHEN (m ->> 'from')::integer = 0 THEN excluded.started_at ELSE h.started_at END, finished_at = excluded.finished_at;
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
  lazy    boolean := false;
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
          ELSE segments -> i || jsonb_build_object('known', outcome -> 'known') END, for_run, for_token);
    END CASE;
    IF outcome ->> 'outcome' NOT IN ('applied', 'already applied') THEN
      outcomes := outcome;
    ELSE
      done := done || CASE WHEN outcome ->> 'outcome' = 'applied' THEN 'a' WHEN outcome ->> 'run' = for_run THEN 'm' ELSE 'o' END;
      spent := spent + CASE WHEN outcome ->> 'run' = for_run THEN (outcome ->> 'milliseconds')::numeric ELSE 0 END;
    END IF;
    -- For this commit alone, and after what the migration has left in its session was undone.
    IF i > 0 THEN
      PERFORM set_config('synchronous_commit', 'off', true);
      lazy := true;
    END IF;
    COMMIT;
    EXIT WHEN outcomes IS NOT NULL;
  END LOOP;
  IF lazy THEN
    PERFORM FROM lockstep.fence FOR UPDATE SKIP LOCKED;
    COMMIT;
  END IF;
  outcomes := jsonb_build_object('done', done, 'milliseconds', spent, 'stop', outcomes);
END`)}`;
