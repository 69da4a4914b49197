import * as z from 'zod';
import { ask, type Turn } from '../lib/approval/ask.ts';
import { tell } from '../lib/approval/decide.ts';
import { heldRollout } from '../lib/approval/held-rollout.ts';
import { abandonedBefore } from '../lib/approval/hold-control.ts';
import { openHoldMail } from '../lib/approval/hold-mail.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { controlOf } from '../lib/ledger/control.ts';
import type { Hold } from '../lib/ledger/hold.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { type ApprovalRequest, idOf } from '../lib/ledger/request.ts';
import { changeRequest } from '../lib/ledger/requests.ts';
import { verdicts } from '../lib/ledger/runs.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { anybodyByIam } from '../lib/policy/approval-policy.ts';
import { countWaiting } from './count-waiting.ts';
import { ledger } from './ledger.ts';
import { mailEverybody, policy, post } from './people.ts';
import { bucket, sfn, variable } from './services.ts';
import { task } from './task.ts';

/** Asks people what becomes of a rollout that is held, or reminds them. The execution waits, at no cost, for the answer. */
export const handler = task({
  name: 'Hold',
  input: z.strictObject({
    run: Run,
    hold: z.strictObject({
      number: z.int().min(1),
      wave: z.int().min(0),
      reason: z.string(),
      canRevert: z.boolean(),
      /** Not there where the run began with an earlier version of Lockstep. */
      onward: z.boolean().default(false),
    }),
    taskToken: z.string(),
    expiresAt: z.string(),
  }),

  async run({ run, hold, taskToken, expiresAt }, { now, log }) {
    const table = ledger();
    const rules = await policy();
    const ways = post(rules);
    const plan = Plan.parse(await bucket().json(runKey(run.run, 'plan')));
    const bundle = await bucket().bundle(run.digest);
    const held = heldRollout(hold, { plan, bundle, verdicts: await verdicts(table, run.run) });
    const deliver = async (request: ApprovalRequest): Promise<void> => {
      const told = await tell({ table, sfn: sfn(), now }, request);
      await ways.update(told.request).catch((error) => log.warn('Slack could not be told', { error }));
    };
    const around = { table, post: ways, url: variable('APPROVAL_URL'), deliver, now };
    const turn = await ask(around, {
      ...{ run, taskToken, expiresAt, hold: held, asked: { plan, bundle, previous: null } },
      planDigest: sha256(canonical({ run: run.run, hold: held })),
      policy: rules ?? anybodyByIam,
    });
    countWaiting(turn, now());
    if (turn.turn === 'closed') return {};
    if (rules === null && hasHold(turn.request)) await mailEverybody(null, openHoldMail(turn.request, now()));
    // Who abandoned the run when nothing was asked yet found no request to say it to: now that there is one, either
    // they have seen it, or it is seen here what they have ordered.
    const order = await controlOf(table, run.run);
    const ended = await changeRequest(table, idOf(turn.request), (it) => abandonedBefore(it, order));
    if (ended?.outcome) await deliver(ended);
    return {};
  },
});

const hasHold = (request: Turn['request']): request is ApprovalRequest & { hold: Hold } => request.hold !== undefined;
