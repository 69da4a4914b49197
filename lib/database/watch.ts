import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ask } from './call.ts';
import type { Database, Session } from './session.ts';

const AtWork = z.object({
  pid: z.number(),
  /** `0007#3`: the third statement of migration 0007. */
  place: z.string(),
  /** How long the statement has been at work. */
  seconds: z.number(),
  /** Whether it has been cancelled just now, because it may not take so long. */
  canceled: z.boolean(),
  /** Who holds the lock that it waits for. */
  blockers: z.array(z.string()),
  /** As `pg_stat_progress_*` tells it. */
  phase: z.string().nullable(),
  percent: z.number().nullable(),
});

/** A statement of a migration that is being carried out in a database. */
export type AtWork = z.infer<typeof AtWork>;

/**
 * Looks which statements of migrations are at work in a database, and cancels those that take longer than they may.
 * They are known by the name of their session's application, or by the comment that they begin with.
 */
export const watch = async (session: Session, database: Database, remaining?: () => number): Promise<AtWork[]> =>
  z.array(AtWork).parse(await ask(session, database, watching, {}, remaining));

const watching = `WITH work AS (
  SELECT a.pid,
      coalesce(substring(a.application_name FROM '^lockstep ([0-9]+) '), substring(a.query FROM '^/[*] lockstep ([0-9]+) '))::bigint AS allowed,
      coalesce(substring(a.application_name FROM '^lockstep [0-9]+ [0-9]+ (.*)$'), substring(a.query FROM '^/[*] lockstep [0-9]+ ([^ ]+) ')) AS place,
      coalesce(to_timestamp(substring(a.application_name FROM '^lockstep [0-9]+ ([0-9]+) ')::bigint / 1000.0), a.query_start) AS since
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.state = 'active'
      AND (a.application_name LIKE 'lockstep %' OR a.query LIKE '/* lockstep %')
), progress AS (
  SELECT pid, phase, blocks_done AS done, blocks_total AS total FROM pg_stat_progress_create_index
  UNION ALL SELECT pid, phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum
  UNION ALL SELECT pid, phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_cluster
)
SELECT coalesce(json_agg(json_build_object(
    'pid', w.pid, 'place', w.place, 'seconds', round(extract(epoch FROM clock_timestamp() - w.since)),
    'canceled', CASE WHEN w.allowed > 0 AND clock_timestamp() > w.since + make_interval(secs => w.allowed / 1000.0) THEN pg_cancel_backend(w.pid) ELSE false END,
    'blockers', (SELECT coalesce(json_agg(format('pid %s (%s, role %s, %s for %s s)', b.pid, coalesce(nullif(b.application_name, ''), 'no name'), b.usename, b.state,
        round(extract(epoch FROM clock_timestamp() - b.xact_start)))), '[]') FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids(w.pid))),
    'phase', p.phase, 'percent', round(100.0 * p.done / nullif(p.total, 0))
  )), '[]')::text
  FROM work w LEFT JOIN progress p USING (pid)`;

/** Watches while a call is under way that may take longer than a statement may: at first after that time, then often. */
export const watched = async <Value>(
  call: () => Promise<Value>,
  session: Session,
  database: Database,
  { statementTimeout, remaining }: { statementTimeout: number; remaining: () => number },
): Promise<Value> => {
  const over = new AbortController();
  const answer = call().finally(() => over.abort());
  // Nothing is lost when watching fails: the next look comes, and the statement's own end does, too.
  if (statementTimeout > 0)
    void keepWatching(session, database, statementTimeout, over.signal, remaining).catch(() => {});
  return answer;
};

const keepWatching = async (
  session: Session,
  database: Database,
  first: number,
  signal: AbortSignal,
  remaining: () => number,
) => {
  for (let pause = first + 100; !signal.aborted; pause = Math.max(1_000, first / 4)) {
    await sleep(pause, undefined, { signal });
    await watch(session, database, remaining);
  }
};
