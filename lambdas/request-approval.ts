import { PublishCommand } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { requestMessage } from '../lib/approval/message.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { putApproval } from '../lib/ledger/approvals.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { ledger } from './ledger.ts';
import { bucket, sns, variable } from './services.ts';
import { task } from './task.ts';

/** Puts the plan to the approvers. The execution waits, at no cost, until the decision is sent with its task token. */
export const handler = task({
  name: 'RequestApproval',
  input: z.strictObject({
    run: Run,
    plan: z.object({ planDigest: z.string() }),
    taskToken: z.string(),
    expiresAt: z.string(),
  }),

  async run({ run, plan: { planDigest }, taskToken, expiresAt }, { now }) {
    const plan = Plan.parse(await bucket().json(runKey(run.run, 'plan')));
    const { id } = await putApproval(ledger(), {
      run: run.run,
      planDigest,
      taskToken,
      requestedBy: run.requestedBy,
      createdAt: now().toISOString(),
      expiresAt,
    });
    const link = `${variable('APPROVAL_URL')}/approvals/${id}`;
    await sns().send(
      new PublishCommand({ TopicArn: variable('TOPIC'), ...requestMessage(plan, run, { link, expiresAt }) }),
    );
    return {};
  },
});
