import * as z from 'zod';
import { byFingerprint, FingerprintsDiffer } from '../lib/fleet/converge.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { verdicts } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { bucket } from './services.ts';
import { task } from './task.ts';

/** All databases of the fleet must show one fingerprint. */
export const handler = task({
  name: 'Converge',
  input: z.strictObject({ run: Run }),

  async run({ run }) {
    const plan = Plan.parse(await bucket().json(runKey(run.run, 'plan')));
    const groups = byFingerprint(plan, await verdicts(ledger(), run.run));
    if (groups.length > 1) throw new FingerprintsDiffer({ groups });
    return { fingerprint: groups[0]?.fingerprint ?? null };
  },
});
