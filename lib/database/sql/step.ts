import { literal } from '../literal.ts';
import { admission, admissionVariables, makeRoom } from './admission.ts';

/**
 * Before a statement that can't run in a transaction: writes down what is about to be sent, or says why it must not be.
 *
 * Answers `go`, or `recover`: an earlier intent was found whose sender is surely dead, whose statement is at work no
 * more, and whose outcome nobody recorded. It is the caller's now, who alone may look what came of it: two who clean up
 * would undo each other's work. `running` tells that one of that is not so yet. The repetition of a call whose answer
 * was lost is answered alike.
 *
 * `sent` in the intent is what was sent once; `mark` and `deadline` are those of whoever is about to act on it.
 */
export const beginStep = `CREATE OR REPLACE FUNCTION lockstep.begin_step(m jsonb, for_run text, for_token bigint, deadline_seconds numeric) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS ${literal(`DECLARE${admissionVariables}
  announced jsonb := jsonb_build_object('mark', m ->> 'mark', 'deadline', clock_timestamp() + make_interval(secs => deadline_seconds));
BEGIN
${admission}
  IF past.intent ->> 'mark' IS DISTINCT FROM m ->> 'mark' THEN
    IF lockstep.at_work(past) IS NOT NULL OR (past.intent ->> 'deadline')::timestamptz > clock_timestamp() THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'running');
    ELSIF past.intent -> 'sent' ->> 'prefix' <> m ->> 'prefixAfter' THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'edited', 'why', 'unsettled');
    ELSIF past.intent IS NOT NULL THEN
      announced := past.intent || announced || jsonb_build_object('recovering', true);
      UPDATE lockstep.history h SET intent = announced, token = for_token WHERE h.migration = id;
    ELSE
      announced := announced || jsonb_build_object('before', m -> 'before', 'recovering', false, 'sent', jsonb_build_object(
        'mark', m -> 'mark', 'statement', (m ->> 'from')::integer + 1, 'text', m -> 'text', 'direction', m -> 'direction',
        'prefix', m -> 'prefixAfter', 'steps', m -> 'steps', 'run', for_run, 'at', clock_timestamp(),
        'deadline', announced -> 'deadline', 'serverStarted', pg_postmaster_start_time()));
${makeRoom}
      INSERT INTO lockstep.history AS h (migration, position, ordinal, name, checksum, mode, state, prefix, intent, run, token, started_at)
        VALUES (id, place, turn, m ->> 'name', m ->> 'checksum', 'stepwise',
          CASE WHEN up THEN 'running' ELSE 'reverting' END, m ->> 'prefix', announced, for_run, for_token, clock_timestamp())
        ON CONFLICT (migration) DO UPDATE SET
          position = excluded.position, ordinal = CASE WHEN up THEN excluded.ordinal ELSE h.ordinal END,
          name = excluded.name, checksum = excluded.checksum, mode = excluded.mode,
          state = excluded.state, step = (m ->> 'from')::integer, prefix = excluded.prefix, intent = excluded.intent,
          timings = CASE WHEN (m ->> 'from')::integer = 0 THEN '[]' ELSE h.timings END,
          failure = NULL, run = excluded.run, token = excluded.token, applied_by = current_user,
          started_at = CASE WHEN (m ->> 'from')::integer = 0 THEN excluded.started_at ELSE h.started_at END, finished_at = NULL;
    END IF;
  ELSE
    announced := past.intent;
  END IF;
  RETURN jsonb_build_object('migration', id, 'outcome', CASE WHEN (announced ->> 'recovering')::boolean THEN 'recover' ELSE 'go' END,
    'before', announced -> 'before', 'sent', announced -> 'sent', 'now', clock_timestamp(), 'serverStarted', pg_postmaster_start_time());
END`)}`;

/** What all of the following change: the row whose intent is the caller's own, unless a newer run has been there. */
const own = `h.migration = m ->> 'id' AND h.token <= for_token AND h.intent ->> 'mark' = m ->> 'mark'`;

const standing = `SELECT jsonb_build_object('step', h.step, 'state', h.state, 'run', h.run) FROM lockstep.history h WHERE h.migration = m ->> 'id'`;

/**
 * After such a statement: moves on to the next one; the last one ends the migration. Safe to repeat.
 * Whoever knows how it ended, knows better than those who found it to be in doubt meanwhile.
 */
export const endStep = `CREATE OR REPLACE FUNCTION lockstep.end_step(m jsonb, milliseconds numeric, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET
      step = h.step + 1, prefix = m ->> 'prefixAfter', intent = NULL, failure = NULL, timings = h.timings || to_jsonb(milliseconds),
      state = CASE m ->> 'direction'
        WHEN 'up' THEN CASE WHEN h.step + 1 < (m ->> 'steps')::integer THEN 'running' ELSE 'applied' END
        ELSE CASE WHEN h.step + 1 < (m ->> 'steps')::integer THEN 'reverting' ELSE 'reverted' END END,
      finished_at = CASE WHEN h.step + 1 = (m ->> 'steps')::integer THEN clock_timestamp() END
    WHERE ${own} OR h.migration = m ->> 'id' AND h.token <= for_token AND h.intent -> 'sent' ->> 'mark' = m ->> 'mark';
  ${standing}`)}`;

/**
 * The statement is known not to have taken effect: withdraws the intent, keeping the steps before it.
 * With a failure the migration stands as failed, or, taken back, as it was; without one the step may be begun again.
 */
export const withdrawStep = `CREATE OR REPLACE FUNCTION lockstep.withdraw_step(m jsonb, why jsonb, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET
      intent = NULL, failure = nullif(why, 'null'),
      state = CASE WHEN h.state = 'reverting' AND h.step = 0 THEN 'applied' WHEN h.state = 'reverting' OR why = 'null' THEN h.state ELSE 'failed' END,
      finished_at = CASE WHEN why = 'null' THEN NULL ELSE clock_timestamp() END
    WHERE ${own};
  ${standing}`)}`;

/**
 * Whoever was told that what it has sent goes on without it does nothing more about it: where that is seen to be at
 * work, the next one need not wait until the deadline once it is over.
 */
export const leaveStep = `CREATE OR REPLACE FUNCTION lockstep.leave_step(m jsonb, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET intent = h.intent || jsonb_build_object('deadline', clock_timestamp())
    WHERE ${own} AND lockstep.at_work(h) IS NOT NULL;
  ${standing}`)}`;

/** Nobody can tell whether the statement took effect: the migration is in doubt until a person has decided. */
export const doubtStep = `CREATE OR REPLACE FUNCTION lockstep.doubt_step(m jsonb, why jsonb, for_token bigint) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ${literal(`
  UPDATE lockstep.history h SET state = 'in doubt', failure = why, finished_at = clock_timestamp() WHERE ${own};
  ${standing}`)}`;
