import { createHash } from 'node:crypto';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { Plan } from '../fleet/plan.ts';
import { type Approval, type Decision, decide, getApproval, isNonceOf } from '../ledger/approvals.ts';
import { type Objects, runKey } from '../ledger/objects.ts';
import { isConditionFailed, type Table } from '../ledger/table.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import { deliver, isWaiting } from './deliver.ts';
import { decidedPage, problemPage, requestPage } from './page.ts';
import { style } from './style.ts';

type Surroundings = { table: Table; objects: Objects; sfn: Pick<SFNClient, 'send'>; now: () => Date };

/**
 * The pages where people approve. GET shows and changes nothing, whoever sends it: mail scanners and link previews do.
 * POST with the page's nonce decides; the first decision holds, and whoever repeats it is told of it, with 409 if they
 * wanted something else. POST of the nonce alone sends a decision that was taken to the run once more.
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
    if (found.changed) return planChanged(context);
    if (approval.decision) return context.html(await decidedPage(plan, approval, approval.decision, 'not sent'));
    if (expired(approval, surroundings().now())) return gone(context, approval);
    return context.html(await requestPage(approval, plan, await objects.bundle(plan.digest)));
  });

  app.post('/approvals/:id', async (context) => {
    const { table, sfn, now } = surroundings();
    const found = await find(context, surroundings());
    if (!found) return notFound(context);
    if (found.changed) return planChanged(context);
    const { id, approval, plan } = found;
    // A body that is no form has no nonce.
    const form: Record<string, unknown> = await context.req.parseBody().catch(() => ({}));
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
    if (approval.decision && !decision) {
      const outcome = await deliver(sfn, approval, approval.decision);
      return context.html(await decidedPage(plan, approval, approval.decision, outcome));
    }
    if (decision !== 'approved' && decision !== 'rejected') {
      return context.html(await problemPage('Nothing decided', 'Choose Approve or Reject.'), 400);
    }
    if (!by || by.length > 100)
      return context.html(await problemPage('Nothing decided', 'Give your name, of at most 100 characters.'), 400);
    if (decision === 'rejected' && !reason)
      return context.html(await problemPage('Nothing decided', 'Rejecting needs a reason.'), 400);
    if (!approval.decision && expired(approval, now())) return gone(context, approval);
    if (!approval.decision && !(await isWaiting(sfn, approval))) return notWaiting(context);

    const mine: Decision = { decision, by, reason: (reason ?? '').slice(0, 1000), at: now().toISOString() };
    const held = await decide(table, id, mine).catch((error) => {
      if (isConditionFailed(error)) return null;
      throw error;
    });
    // The last moment passed between the two looks at the clock.
    if (held === null) return gone(context, approval);
    // Sent again with every repetition: if the first click died between the two, the second one delivers.
    const outcome = await deliver(sfn, approval, held);
    const own = held.at === mine.at && held.by === mine.by;
    return context.html(await decidedPage(plan, approval, held, outcome, own), held.decision === decision ? 200 : 409);
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

const find = async (context: Context, { table, objects }: Surroundings) => {
  const id = context.req.param('id') ?? '';
  if (!/^[A-Za-z0-9_-]{22}$/.test(id)) return null;
  const approval = await getApproval(table, id);
  if (!approval) return null;
  const plan = Plan.parse(await objects.json(runKey(approval.run, 'plan')));
  return { id, approval, objects, plan, changed: sha256(canonical(plan)) !== approval.planDigest };
};

const notWaiting = async (context: Context) =>
  context.html(
    await problemPage(
      'Nobody waits for this',
      'The run has been answered in another way, has ended, or has asked again in a newer message. Nothing was recorded.',
    ),
    410,
  );

/** What is approved is one plan, by its digest, and not whatever stands in its place. */
const planChanged = async (context: Context) =>
  context.html(
    await problemPage(
      'Not the same plan',
      'The plan is not the one that this request was made for, so it can be neither shown nor approved. Start a new run.',
    ),
    409,
  );

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
