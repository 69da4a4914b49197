/** Advisory lock held while a segment is carried out; two numbers of our own, so that no application meets it by chance. */
export const LOCK = '1819239275, 1937006960';

/** What {@link admission} works with in the function it stands in. */
export const admissionVariables = `
  id      text := m ->> 'id';
  up      boolean := m ->> 'direction' = 'up';
  place   integer := (m ->> 'position')::integer;
  ends    integer := (m ->> 'from')::integer + greatest(jsonb_array_length(m -> 'statements'), 1);
  past    lockstep.history;
  other   lockstep.history;
  tally   record;
  before  integer;
  written text;
  follows boolean := false;
  turn    bigint;`;

/**
 * PL/pgSQL that decides, inside the transaction that would do the work, whether a segment `m` may be carried out now;
 * returns a document whose `outcome` says why not.
 *
 * A segment is a run of statements that belong together: the whole of a transactional migration, or a part of a
 * stepwise one from statement `from` (0-based) on, of its up or, with `direction` down, of its down file. `step` in
 * history counts the statements done, and `prefix` is their hash: a file may be mended behind them, not before. What
 * was mended may be cut otherwise: a segment that is done in part, or the last of a file that ends where the work did,
 * is `half done`, and to be cut there.
 *
 * Up, all that comes before the migration in the bundle must be applied, and nothing that comes after it, unless it
 * says of itself that it may come late. What comes before it is told by number and by its neighbour, not by the
 * `position` of each: migrations that came late, or that were taken out, have moved others. Down, what was applied
 * last, by `ordinal`, goes first. Nobody passes a migration that is in doubt, or a statement of another migration that
 * is still at work outside of a transaction.
 *
 * `follows` tells that all before the migration is applied without a gap, nothing behind it, and nothing under way; the
 * history row will have the ordinal `turn`.
 *
 * Whoever changes what that is decided by has written the fence's row, under the lock, in the same transaction (or ends
 * what was announced so). So if that row is still as {@link known} left it, all the rest is, too, and need not be read:
 * to read the whole history for each of many migrations would take longer than they do.
 *
 * The end of a step is written without the lock. Where one may be, the row is held still: otherwise it could be read
 * once before that and counted once after.
 */
export const admission = `
  IF NOT pg_try_advisory_xact_lock(${LOCK}) THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'busy');
  END IF;
  UPDATE lockstep.fence f SET token = for_token, run = for_run FROM (SELECT b.xmin::text AS by FROM lockstep.fence b) was
    WHERE f.token <= for_token RETURNING was.by INTO written;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'fenced', 'by', (SELECT f.run FROM lockstep.fence f));
  END IF;
  SELECT * INTO past FROM lockstep.history h WHERE h.migration = id;
  IF up AND past.migration IS NULL AND m #>> '{known,transaction}' = written
     AND m #>> '{known,migration}' = m ->> 'previous' AND m ->> 'from' = '0' THEN
    follows := true;
    turn := (m #>> '{known,ordinal}')::bigint + 1;
  ELSE
    IF past.state IN ('running', 'reverting', 'in doubt') THEN
      SELECT * INTO past FROM lockstep.history h WHERE h.migration = id FOR UPDATE;
    END IF;
    IF up AND past.state IN ('running', 'failed') AND past.step > (m ->> 'from')::integer
       AND (past.step < ends OR past.step = ends AND ends = (m ->> 'steps')::integer) THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'half done', 'step', past.step);
    END IF;
    IF (up AND (past.state = 'applied' OR past.state IN ('running', 'failed') AND past.step > (m ->> 'from')::integer)
       OR NOT up AND (past.migration IS NULL OR past.state = 'reverted'
                      OR past.state = 'reverting' AND past.step > (m ->> 'from')::integer)) THEN
      IF past.state = 'applied' AND past.checksum <> m ->> 'checksum' THEN
        RETURN jsonb_build_object('migration', id, 'outcome', 'edited');
      END IF;
      RETURN jsonb_build_object('migration', id, 'outcome', 'already applied', 'run', past.run,
        'milliseconds', CASE WHEN m ->> 'from' = '0' THEN (SELECT coalesce(sum(t::numeric), 0) FROM jsonb_array_elements_text(past.timings) t) ELSE 0 END);
    END IF;
    SELECT count(*) FILTER (WHERE h.state = 'applied') AS applied, max(h.position) FILTER (WHERE h.state = 'applied') AS last,
        max(h.position) FILTER (WHERE h.state = 'applied' AND h.migration = m ->> 'previous') AS previous,
        max(h.migration) FILTER (WHERE h.state = 'in doubt') AS doubt, max(h.migration) FILTER (WHERE h.state = 'reverting') AS reverting,
        coalesce(bool_or(h.intent IS NOT NULL AND h.migration <> id), false) AS intent, coalesce(max(h.ordinal), 0) AS ordinal
      INTO tally FROM lockstep.history h;
    turn := tally.ordinal + 1;
    follows := up AND past.migration IS NULL AND tally.applied = place - 1 AND coalesce(tally.last, 0) = place - 1
      AND tally.doubt IS NULL AND tally.reverting IS NULL AND NOT tally.intent;
    IF tally.doubt IS NOT NULL THEN
      SELECT * INTO other FROM lockstep.history h WHERE h.migration = tally.doubt;
      RETURN jsonb_build_object('migration', other.migration, 'outcome', 'in doubt', 'run', other.run, 'failure', other.failure);
    END IF;
    IF (past.state IN ('failed', 'running', 'reverting') AND past.step > 0 AND past.prefix IS DISTINCT FROM m ->> 'prefix'
       OR NOT up AND past.checksum <> m ->> 'checksum') THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'edited', 'why', CASE WHEN up THEN 'half done' END);
    END IF;
    IF tally.intent THEN
      SELECT * INTO other FROM lockstep.history h WHERE h.intent IS NOT NULL AND h.migration <> id
        AND ((h.intent ->> 'deadline')::timestamptz > clock_timestamp() OR lockstep.at_work(h) IS NOT NULL) LIMIT 1;
      IF FOUND THEN
        RETURN jsonb_build_object('migration', id, 'outcome', 'busy');
      END IF;
    END IF;
    IF up THEN
      before := CASE WHEN tally.applied = place - 1 AND tally.last IS NOT DISTINCT FROM tally.previous THEN place - 1
        WHEN place = 1 THEN 0 WHEN tally.previous IS NULL THEN -1
        ELSE (SELECT count(*) FROM lockstep.history h WHERE h.state = 'applied' AND h.position <= tally.previous) END;
      IF before <> place - 1 THEN
        RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'why', 'missing before', 'other', m -> 'previous');
      ELSIF tally.applied > before AND (m ->> 'outOfOrder')::boolean IS NOT TRUE THEN
        RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'why', 'applied behind', 'other',
          (SELECT h.migration FROM lockstep.history h WHERE h.state = 'applied' ORDER BY h.position DESC LIMIT 1));
      ELSIF tally.reverting IS NOT NULL THEN
        RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'why', 'half taken back', 'other', tally.reverting);
      END IF;
    ELSIF past.state NOT IN ('applied', 'reverting') THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'why', 'half applied', 'other', id);
    ELSE
      SELECT * INTO other FROM lockstep.history h
        WHERE h.state IN ('applied', 'reverting') AND h.ordinal > past.ordinal ORDER BY h.ordinal DESC LIMIT 1;
      IF FOUND THEN
        RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'why', 'applied later', 'other', other.migration);
      END IF;
    END IF;
    IF (CASE WHEN past.state IN ('failed', 'running', 'reverting') THEN past.step ELSE 0 END) <> (m ->> 'from')::integer THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'why', 'elsewhere', 'other', id);
    END IF;
  END IF;`;

/**
 * PL/pgSQL to be said with the row of a segment that was admitted: all that is applied moves to where it stands in the
 * bundle, so that what came late has its place between them. Says nothing twice.
 */
export const makeRoom = `
  IF NOT follows THEN
    IF up AND tally.last >= place THEN
      UPDATE lockstep.history h SET position = r.place FROM (
          SELECT x.migration, row_number() OVER (ORDER BY x.position, x.ordinal)
              + CASE WHEN x.position > coalesce(tally.previous, 0) THEN 1 ELSE 0 END AS place
            FROM lockstep.history x WHERE x.state = 'applied' AND x.migration <> id) r
        WHERE h.migration = r.migration AND h.position <> r.place;
    END IF;
  END IF;`;

/**
 * SQL of what the answer for an applied segment lets the next one know, as its `known`; null where it isn't the whole
 * of a migration, or doesn't follow those before it.
 */
export const known = `CASE WHEN follows AND upto = (m ->> 'steps')::integer
  THEN jsonb_build_object('transaction', pg_current_xact_id()::xid::text, 'migration', id, 'ordinal', turn) END`;

/** Whoever carries out a statement of a row's migration outside of a transaction, or cleans up after one: its backend. */
export const atWork = `CREATE OR REPLACE FUNCTION lockstep.at_work(h lockstep.history) RETURNS integer
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS
'SELECT a.pid FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.state = ''active''
  AND starts_with(substring(a.query FROM ''^/[*] lockstep [0-9]+ ([^ ]+) ''), h.migration || ''#'') LIMIT 1'`;
