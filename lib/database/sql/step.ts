import { literal } from '../literal.ts';
import { admission } from './admission.ts';

/**
 * Before a statement that can't run in a transaction: writes down what is about to be sent, or says why it must not be.
 * Answers `go` (to the repetition of a call whose answer was lost, too), or `intent` about an earlier intent whose outcome nobody recorded: whether its sender may still be
 * `live`, and the `backend` that still carries it out, if any.
 */
export const beginStep = `CREATE OR REPLACE FUNCTION lockstep.begin_step(m jsonb, for_run text, for_token bigint, deadline_seconds numeric) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS ${literal(`DECLARE
  id    text := m ->> 'id';
  past  lockstep.history;
  head  text;
BEGIN
${admission}
  IF past.intent ->> 'mark' = m ->> 'mark' THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'go', 'before', past.intent -> 'before');
  ELSIF past.intent IS NOT NULL THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'intent', 'before', past.intent -> 'before',
      'live', (past.intent ->> 'deadline')::timestamptz > clock_timestamp(),
      'backend', (SELECT a.pid FROM pg_stat_activity a WHERE a.datname = current_database() AND a.state = 'active'
        AND a.pid <> pg_backend_pid() AND position(past.intent ->> 'mark' IN a.query) > 0 LIMIT 1));
  END IF;
  INSERT INTO lockstep.history AS h (migration, position, name, checksum, mode, state, prefix, intent, run, token, started_at)
    VALUES (id, (m ->> 'position')::integer, m ->> 'name', m ->> 'checksum', 'stepwise',
      CASE m ->> 'direction' WHEN 'up' THEN 'running' ELSE 'reverting' END, m ->> 'prefix',
      jsonb_build_object('mark', m ->> 'mark', 'before', m -> 'before', 'deadline', clock_timestamp() + make_interval(secs => deadline_seconds)),
      for_run, for_token, clock_timestamp())
    ON CONFLICT (migration) DO UPDATE SET
      position = excluded.position, name = excluded.name, checksum = excluded.checksum, mode = excluded.mode,
      state = excluded.state, step = (m ->> 'from')::integer, prefix = excluded.prefix, intent = excluded.intent,
      timings = CASE WHEN (m ->> 'from')::integer = 0 THEN '[]' ELSE h.timings END,
      failure = NULL, run = excluded.run, token = excluded.token, applied_by = current_user,
      started_at = CASE WHEN (m ->> 'from')::integer = 0 THEN excluded.started_at ELSE h.started_at END, finished_at = NULL;
  RETURN jsonb_build_object('migration', id, 'outcome', 'go', 'before', m -> 'before');
END`)}`;

/** After such a statement: moves on to the next one; the last one ends the migration. Safe to repeat. */
export const endStep = `CREATE OR REPLACE FUNCTION lockstep.end_step(m jsonb, milliseconds numeric, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET
      step = h.step + 1, prefix = m ->> 'prefixAfter', intent = NULL, timings = h.timings || to_jsonb(milliseconds),
      state = CASE WHEN h.step + 1 < (m ->> 'steps')::integer THEN h.state WHEN h.state = 'reverting' THEN 'reverted' ELSE 'applied' END,
      finished_at = CASE WHEN h.step + 1 = (m ->> 'steps')::integer THEN clock_timestamp() END
    WHERE h.migration = m ->> 'id' AND h.step = (m ->> 'from')::integer AND h.intent IS NOT NULL AND h.token <= for_token;
  SELECT jsonb_build_object('step', h.step, 'state', h.state) FROM lockstep.history h WHERE h.migration = m ->> 'id'`)}`;

/**
 * The statement is known not to have taken effect: withdraws the intent, keeping the steps before it.
 * With a failure the migration stands as failed, or, taken back, as it was; without one the step may be begun again.
 */
export const withdrawStep = `CREATE OR REPLACE FUNCTION lockstep.withdraw_step(m jsonb, why jsonb, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET
      intent = NULL, failure = why,
      state = CASE WHEN h.state = 'reverting' AND h.step = 0 THEN 'applied' WHEN h.state = 'reverting' OR why IS NULL THEN h.state ELSE 'failed' END,
      finished_at = CASE WHEN why IS NULL THEN NULL ELSE clock_timestamp() END
    WHERE h.migration = m ->> 'id' AND h.step = (m ->> 'from')::integer AND h.intent IS NOT NULL AND h.token <= for_token;
  SELECT jsonb_build_object('step', h.step, 'state', h.state) FROM lockstep.history h WHERE h.migration = m ->> 'id'`)}`;
