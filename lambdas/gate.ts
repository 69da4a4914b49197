import * as z from 'zod';
import { alarmsOn } from '../lib/fleet/alarms.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { gate, Standing, type Step } from '../lib/fleet/gate.ts';
import { brokenIn } from '../lib/fleet/map-run.ts';
import { PlannedRollout } from '../lib/fleet/rollout.ts';
import { controlOf } from '../lib/ledger/control.ts';
import { keepLease } from '../lib/ledger/keep-lease.ts';
import { failedIn } from '../lib/ledger/wave-tally.ts';
import { isRunning } from './executions.ts';
import { ledger } from './ledger.ts';
import { cloudWatch, sfn } from './services.ts';
import { task } from './task.ts';

/** Says what a rollout does next: before the first wave, after each, and while one bakes. */
export const handler = task({
  name: 'Gate',
  input: z.strictObject({
    run: Run,
    rollout: PlannedRollout,
    standing: Standing,
    /** The distributed map of the wave that was carried out last. */
    mapRun: z.string().nullable(),
  }),

  async run({ run, rollout, standing, mapRun }, { now, log }): Promise<{ step: Step; ended: string | null }> {
    const { at, began } = standing;
    await keepLease(ledger(), run, now(), isRunning);
    const ended = at === 0 ? null : (standing.ended ?? now().toISOString());
    const [control, failed, broken, alarms] = await Promise.all([
      controlOf(ledger(), run.run),
      at === 0 ? 0 : failedIn(ledger(), run.run, at),
      mapRun === null ? 0 : brokenIn(sfn(), mapRun),
      rollout.alarms.length === 0 ? [] : alarmsOn(cloudWatch(), rollout.alarms, began),
    ]);
    const step = gate(rollout, { ...standing, ended }, { now: now(), failed, broken, control, alarms });
    log.info('the rollout', { at, failed, broken, alarms: alarms.length, next: step.next });
    return { step, ended };
  },
});
