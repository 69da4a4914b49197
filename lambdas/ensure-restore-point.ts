import * as z from 'zod';
import { PlannedCluster, Run } from '../lib/fleet/fleet.ts';
import { RestorePointFailed, RestorePointPending } from '../lib/fleet/restore-point/failed.ts';
import { missing } from '../lib/fleet/restore-point/missing.ts';
import { restorePointIdentifier } from '../lib/fleet/restore-point/own.ts';
import { ensureRestorePoint, RestorePointRule, shown } from '../lib/fleet/restore-point.ts';
import { recordRestorePoint, restorePoint } from '../lib/ledger/restore-points.ts';
import { startable, WaveOrder } from '../lib/ledger/wave-tally.ts';
import { ledger } from './ledger.ts';
import { rds, variable } from './services.ts';
import { task } from './task.ts';

/** Asks for a cluster's restore point; the state machine waits and asks again as long as it is being made. */
export const handler = task({
  name: 'EnsureRestorePoint',
  asksAgain: 'RestorePointPending',
  input: z.object({ run: Run, wave: WaveOrder, cluster: PlannedCluster }),

  async run({ run, wave, cluster: { cluster, clusterArn } }, { now, log }) {
    const { start } = await startable(ledger(), run, wave, { cluster });
    if (!start) return { snapshot: '', status: 'skipped' as const };
    const known = await restorePoint(ledger(), run.run, cluster);
    if (known) {
      const reason = await missing(rds(), known);
      if (reason === null) return available(shown(known));
      throw new RestorePointFailed({ cluster, restorePoint: shown(known), reason: `can't be gone back to: ${reason}` });
    }
    const rule = RestorePointRule.parse(JSON.parse(variable('RESTORE_POINT')));
    const order = {
      ...{ service: variable('SERVICE'), environment: variable('ENVIRONMENT') },
      ...{ cluster, clusterArn, execution: run.execution, run: run.run, now: now() },
    };
    const { percent, point } = await ensureRestorePoint(rds(), rule, order, log);
    // Not before it is there: what the ledger names can be gone back to.
    if (point) return available(shown(await recordRestorePoint(ledger(), run.run, point)));
    throw new RestorePointPending({ restorePoint: restorePointIdentifier(cluster, run.execution), percent });
  },
});

const available = (snapshot: string) => ({ snapshot, status: 'available' as const });
