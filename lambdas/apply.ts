import { apply, type Waiting } from '../lib/database/apply.ts';
import { session } from '../lib/database/session.ts';
import { databaseOf, failed, verdictBase, WorkItem } from '../lib/fleet/work-item.ts';
import { recordVerdict } from '../lib/ledger/runs.ts';
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
    const progress = await apply(data, databaseOf(item), {
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

/** `0004#1 has been at work for 62 s: building index, 40 %; waits for pid 17 (…)` */
const sentence = ({ place, seconds, phase, percent, blockers }: Waiting): string => {
  const progress = [phase, percent === null ? null : `${percent} %`].filter((part) => part !== null).join(', ');
  const waits = blockers.length > 0 ? `; waits for ${blockers.join(', ')}` : '';
  return `${place} has been at work for ${seconds} s${progress ? `: ${progress}` : ''}${waits}`;
};
