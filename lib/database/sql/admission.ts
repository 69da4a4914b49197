/** Advisory lock held while a segment is carried out; two numbers of our own, so that no application meets it by chance. */
export const LOCK = '1819239275, 1937006960';

/**
 * PL/pgSQL that decides, inside the transaction that would do the work, whether a segment `m` may be carried out now;
 * returns a document whose `outcome` says why not. It sees and sets `id`, `past`, `head` of the function it stands in.
 *
 * A segment is a run of statements that belong together: the whole of a transactional migration, or a part of a
 * stepwise one from statement `from` (0-based) on, of its up or, with `direction` down, of its down file. `step` in
 * history counts the statements done, and `prefix` is their hash: a file may be mended behind them, not before.
 */
export const admission = `
  IF NOT pg_try_advisory_xact_lock(${LOCK}) THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'busy');
  END IF;
  UPDATE lockstep.fence SET token = for_token, run = for_run WHERE token <= for_token;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'fenced', 'by', (SELECT f.run FROM lockstep.fence f));
  END IF;
  SELECT * INTO past FROM lockstep.history h WHERE h.migration = id;
  IF (m ->> 'direction' = 'up' AND (past.state = 'applied' OR past.state IN ('running', 'failed') AND past.step > (m ->> 'from')::integer)
     OR m ->> 'direction' = 'down' AND (past.migration IS NULL OR past.state = 'reverted'
                                        OR past.state = 'reverting' AND past.step > (m ->> 'from')::integer)) THEN
    IF past.state = 'applied' AND past.checksum <> m ->> 'checksum' THEN
      RETURN jsonb_build_object('migration', id, 'outcome', 'edited');
    END IF;
    RETURN jsonb_build_object('migration', id, 'outcome', 'already applied', 'run', past.run,
      'milliseconds', (SELECT coalesce(sum(t::numeric), 0) FROM jsonb_array_elements_text(past.timings) t));
  END IF;
  IF (past.state IN ('failed', 'running', 'reverting') AND past.step > 0 AND past.prefix IS DISTINCT FROM m ->> 'prefix'
     OR m ->> 'direction' = 'down' AND past.checksum <> m ->> 'checksum') THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'edited');
  END IF;
  SELECT h.migration INTO head FROM lockstep.history h WHERE h.state IN ('applied', 'reverting') ORDER BY h.position DESC, h.started_at LIMIT 1;
  IF (m ->> 'direction' = 'up' AND (past.state = 'reverting'
        OR head IS DISTINCT FROM m ->> 'previous'
        OR (SELECT count(*) FROM lockstep.history h WHERE h.state = 'applied') <> (m ->> 'position')::integer - 1)
     OR m ->> 'direction' = 'down' AND (head IS DISTINCT FROM id OR past.state NOT IN ('applied', 'reverting'))
     OR (CASE WHEN past.state IN ('failed', 'running', 'reverting') THEN past.step ELSE 0 END) <> (m ->> 'from')::integer) THEN
    RETURN jsonb_build_object('migration', id, 'outcome', 'out of order', 'head', head);
  END IF;`;
