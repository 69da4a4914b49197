import * as z from 'zod';
import { ask } from '../lib/approval/ask.ts';
import { tell } from '../lib/approval/decide.ts';
import { readWhatIsAsked } from '../lib/approval/what-is-asked.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { PlanChanged } from '../lib/fleet/plan-differences.ts';
import { countWaiting } from './count-waiting.ts';
import { ledger } from './ledger.ts';
import { policy, post } from './people.ts';
import { bucket, sfn, variable } from './services.ts';
import { task } from './task.ts';

/** Puts the plan to the approvers, or reminds them. The execution waits, at no cost, for its task token to come back. */
export const handler = task({
  name: 'RequestApproval',
  input: z.strictObject({
    run: Run,
    plan: z.object({ planDigest: z.string() }),
    taskToken: z.string(),
    expiresAt: z.string(),
  }),

  async run({ run, plan: { planDigest }, taskToken, expiresAt }, { now }) {
    const rules = await policy();
    if (rules === null) throw new Error('approval is asked for where no policy is deployed');
    const asked = await readWhatIsAsked(bucket(), { run: run.run, planDigest });
    if (asked === null) throw new PlanChanged({ differences: ['the plan in the bucket was changed'] });
    const table = ledger();
    const turn = await ask(
      {
        table,
        post: post(rules),
        url: variable('APPROVAL_URL'),
        deliver: (request) => tell({ table, sfn: sfn(), now }, request),
        now,
      },
      { run, planDigest, asked, policy: rules, taskToken, expiresAt },
    );
    countWaiting(turn, now());
    return {};
  },
});
