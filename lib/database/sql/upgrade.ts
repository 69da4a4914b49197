/**
 * PL/pgSQL that brings the tables of version 1 to what they are now. That one applied everything in the bundle's order.
 * It asks before it alters anything: an `ALTER TABLE` without effect would still wait for everybody who reads.
 */
export const upgrade = `
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'lockstep.history'::regclass AND attname = 'ordinal') THEN
    PERFORM set_config('lock_timeout', '5s', true);
    ALTER TABLE lockstep.history ADD COLUMN ordinal bigint,
      DROP CONSTRAINT history_state_check,
      ADD CONSTRAINT history_state_check CHECK (state IN ('applied', 'failed', 'in doubt', 'running', 'reverting', 'reverted'));
    UPDATE lockstep.history h SET ordinal = r.n
      FROM (SELECT x.migration, row_number() OVER (ORDER BY x.position, x.started_at) AS n FROM lockstep.history x) r
      WHERE h.migration = r.migration;
    ALTER TABLE lockstep.history ALTER COLUMN ordinal SET NOT NULL;
    UPDATE lockstep.history h SET intent = h.intent || jsonb_build_object('recovering', false, 'sent', jsonb_build_object(
        'mark', h.intent -> 'mark', 'statement', h.step + 1, 'text', '', 'direction', CASE h.state WHEN 'reverting' THEN 'down' ELSE 'up' END,
        'prefix', NULL, 'steps', 0, 'run', h.run, 'at', h.started_at, 'deadline', h.intent -> 'deadline', 'serverStarted', pg_postmaster_start_time()))
      WHERE h.intent IS NOT NULL;
  END IF;`;
