import { appliedBy } from '../lib/database/applied-by.ts';
import { apply, type Progress, type Waiting } from '../lib/database/apply.ts';
import { databaseError } from '../lib/database/call.ts';
import { type Session, session } from '../lib/database/session.ts';
import { isExpected } from '../lib/failure.ts';
import { databaseOf, failed, verdictBase, WorkItem } from '../lib/fleet/work-item.ts';
import { recordVerdict } from '../lib/ledger/runs.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { ledger } from './ledger.ts';
import { bucket, rdsData, variable } from './services.ts';
import { task } from './task.ts';

/** Brings one database to the bundle's newest migration, as far as one invocation gets. */
export const handler = task({
  name: 'Apply',
  input: WorkItem,

  async run(item, { remaining, log }) {
    const bundle = await bucket().bundle(item.run.digest);
    const data = session(rdsData());
    const attempt = apply(data, databaseOf(item), {
      migrations: bundle.migrations,
      from: item.database.applied,
      installed: item.database.installed || item.progress !== undefined,
      run: item.run.run,
      token: item.run.token,
      lockTimeout: `${variable('LOCK_TIMEOUT')}ms`,
      statementTimeout: Number(variable('STATEMENT_TIMEOUT')),
      lockPatience: Number(variable('LOCK_PATIENCE')),
      remaining,
    });
    const progress = await attempt.catch((error) => brokenOff(error, item, bundle, data, remaining));
    log.info('applied', { state: progress.state, migrations: progress.applied.length, dataApiCalls: data.calls() });
    const dataApiCalls = (item.progress?.dataApiCalls ?? 0) + data.calls();
    const { state, applied, milliseconds, failure, waiting } = progress;
    if (failure) {
      await recordVerdict(
        ledger(),
        item.run.run,
        failed({ ...item, progress: { ...progress, dataApiCalls } }, failure, bundle),
      );
    }
    if (waiting) {
      const base = verdictBase({ ...item, progress: { ...progress, dataApiCalls } });
      const running = {
        ...base,
        verdict: 'running',
        failure: null,
        fingerprint: null,
        note: sentence(waiting),
      } as const;
      await recordVerdict(ledger(), item.run.run, running);
    }
    return { state, applied, milliseconds, dataApiCalls };
  },
});

/** What breaks the work off takes nothing back that is committed: history tells how far it came. */
const brokenOff = async (
  error: unknown,
  item: WorkItem,
  { migrations }: Bundle,
  data: Session,
  remaining: () => number,
): Promise<Progress> => {
  const said = databaseError(error);
  if (said === null && !isExpected(error)) throw error;
  const known = () => item.progress?.applied ?? [];
  const applied = await appliedBy(data, databaseOf(item), item.run.run, remaining).catch(known);
  const next = migrations.slice(item.database.applied).find(({ id }) => !applied.includes(id));
  const failure = said
    ? { migration: next?.id ?? null, statement: null, sqlstate: said.sqlstate, message: said.message }
    : {
        migration: null,
        statement: null,
        sqlstate: '',
        message: `${(error as Error).name}: ${(error as Error).message}`,
      };
  return { state: 'failed', applied, milliseconds: item.progress?.milliseconds ?? 0, failure, waiting: null };
};

/** `0004#1 has been at work for 62 s: building index, 40 %; waits for pid 17 (…)` */
const sentence = ({ place, seconds, phase, percent, blockers }: Waiting): string => {
  const progress = [phase, percent === null ? null : `${percent} %`].filter((part) => part !== null).join(', ');
  const waits = blockers.length > 0 ? `; waits for ${blockers.join(', ')}` : '';
  return `${place} has been at work for ${seconds} s${progress ? `: ${progress}` : ''}${waits}`;
};
