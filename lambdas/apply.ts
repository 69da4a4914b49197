import { apply } from '../lib/database/apply.ts';
import { session } from '../lib/database/session.ts';
import { databaseOf, failed, WorkItem } from '../lib/fleet/work-item.ts';
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
      installed: item.database.installed,
      run: item.run.run,
      token: item.run.token,
      lockTimeout: variable('LOCK_TIMEOUT'),
      remaining,
    });
    log.info('applied', { state: progress.state, migrations: progress.applied.length, dataApiCalls: data.calls() });
    const dataApiCalls = (item.progress?.dataApiCalls ?? 0) + data.calls();
    const { state, applied, milliseconds, failure } = progress;
    if (failure) {
      await recordVerdict(
        ledger(),
        item.run.run,
        failed({ ...item, progress: { ...progress, dataApiCalls } }, failure, bundle),
      );
    }
    return { state, applied, milliseconds, dataApiCalls };
  },
});
