import * as z from 'zod';
import { PlannedCluster, Run } from '../lib/fleet/fleet.ts';
import { ensureSnapshot } from '../lib/fleet/restore-point.ts';
import { startable, WaveOrder } from '../lib/ledger/wave-tally.ts';
import { ledger } from './ledger.ts';
import { rds, variable } from './services.ts';
import { task } from './task.ts';

/** Asks for a cluster's restore point, or how far it is; the state machine waits in between. */
export const handler = task({
  name: 'EnsureRestorePoint',
  input: z.object({ run: Run, wave: WaveOrder, cluster: PlannedCluster }),

  async run({ run, wave, cluster: { cluster } }) {
    const { start } = await startable(ledger(), run.run, wave, { cluster });
    if (!start) return { status: 'skipped', snapshot: '', percent: 0 };
    return ensureSnapshot(rds(), {
      cluster,
      run: run.execution,
      tags: { 'lockstep:service': variable('SERVICE'), 'lockstep:environment': variable('ENVIRONMENT') },
    });
  },
});
