import { createHash } from 'node:crypto';
import { SendTaskFailureCommand, SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { Plan } from '../fleet/plan.ts';
import { type Approval, type Decision, decide, getApproval, isNonceOf } from '../ledger/approvals.ts';
import { type Objects, runKey } from '../ledger/objects.ts';
import type { Table } from '../ledger/table.ts';
import { decidedPage, problemPage, requestPage } from './page.ts';
import { style } from './style.ts';

type Surroundings = { table: Table; objects: Objects; sfn: Pick<SFNClient, 'send'>; now: () => Date };

/**
 * The pages where people approve. GET shows and changes nothing, whoever sends it: mail scanners and link previews do.
 * POST with the page's nonce decides; the first decision holds, and whoever repeats it is told of it.
 */
export const approvalApp = (surroundings: () => Surroundings): Hono => {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy, referrerPolicy: 'no-referrer', xFrameOptions: 'DENY' }));
  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });

  app.get('/approvals/:id', async (context) => {
    const found = await find(context, surroundings());
    if (!found) return notFound(context);
    const { approval, plan, objects } = found;
    if (approval.decision) return context.html(await decidedPage(plan, approval.decision, false));
    if (expired(approval, surroundings().now())) return gone(context, approval);
    return context.html(await requestPage(approval, plan, await objects.bundle(plan.digest)));
  });

  app.post('/approvals/:id', async (context) => {
    const { table, sfn, now } = surroundings();
    const found = await find(context, surroundings());
    if (!found) return notFound(context);
    const { id, approval, plan } = found;
    const form = await context.req.parseBody();
    const { nonce, decision, by, reason } = Object.fromEntries(
      Object.entries(form).map(([name, value]) => [name, typeof value === 'string' ? value.trim() : '']),
    );
    if (!isNonceOf(approval, nonce ?? '')) {
      return context.html(
        await problemPage(
          'Not accepted',
          'This form does not belong to the plan. Open the link again and decide there.',
        ),
        403,
      );
    }
    if (decision !== 'approved' && decision !== 'rejected') {
      return context.html(await problemPage('Nothing decided', 'Choose Approve or Reject.'), 400);
    }
    if (!by || by.length > 100)
      return context.html(await problemPage('Nothing decided', 'Give your name, of at most 100 characters.'), 400);
    if (decision === 'rejected' && !reason)
      return context.html(await problemPage('Nothing decided', 'Rejecting needs a reason.'), 400);
    if (!approval.decision && expired(approval, now())) return gone(context, approval);

    const mine: Decision = { decision, by, reason: (reason ?? '').slice(0, 1000), at: now().toISOString() };
    const held = await decide(table, id, mine);
    // Sent again with every repetition: if the first click died between the two, the second one delivers.
    await deliver(sfn, approval, held);
    return context.html(await decidedPage(plan, held, held.at === mine.at && held.by === mine.by));
  });

  app.notFound(notFound);
  app.onError(async (error, context) => {
    console.error(JSON.stringify({ level: 'ERROR', error: error.name, message: error.message }));
    return context.html(
      await problemPage('Something went wrong', 'Nothing is known to have been decided. Try the link again.'),
      500,
    );
  });
  return app;
};

/** Tells the waiting execution. That it no longer waits means that it was told before, or that time ran out. */
const deliver = async (
  sfn: Pick<SFNClient, 'send'>,
  { taskToken }: Approval,
  { decision, by, reason, at }: Decision,
): Promise<void> => {
  try {
    if (decision === 'approved') {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify({ decision, by, at }) }));
    } else {
      await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Rejected', cause: `${by}: ${reason}` }));
    }
  } catch (error) {
    if (!(error instanceof Error) || !['TaskTimedOut', 'TaskDoesNotExist'].includes(error.name)) throw error;
  }
};

const find = async (context: Context, { table, objects }: Surroundings) => {
  const id = context.req.param('id') ?? '';
  if (!/^[A-Za-z0-9_-]{22}$/.test(id)) return null;
  const approval = await getApproval(table, id);
  if (!approval) return null;
  return { id, approval, objects, plan: Plan.parse(await objects.json(runKey(approval.run, 'plan'))) };
};

const expired = ({ expiresAt }: Approval, now: Date): boolean => new Date(expiresAt) <= now;

const notFound = async (context: Context) =>
  context.html(
    await problemPage('No such request', 'This link leads to no approval request. Check that it was copied whole.'),
    404,
  );

const gone = async (context: Context, { expiresAt }: Approval) =>
  context.html(
    await problemPage(
      'Too late',
      `Nobody decided before ${expiresAt}, so the run has ended without changing anything.`,
    ),
    410,
  );

/** Nothing may be loaded, run or framed; the one style sheet is known by its hash; forms go back where they came from. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  styleSrc: [`'sha256-${createHash('sha256').update(style).digest('base64')}'`],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};
