import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { Objects } from '../ledger/objects.ts';
import { announce, getRequest, newestRequests } from '../ledger/requests.ts';
import type { Table } from '../ledger/table.ts';
import { type Deciding, decide } from './decide.ts';
import { callerOf, failed, forbidden, invalid } from './iam-caller.ts';
import { planView } from './plan-view.ts';
import { publicView } from './view.ts';
import { parkedNow } from './wake.ts';
import { readWhatIsAsked } from './what-is-asked.ts';
import { breakGlassForWindow } from './window-glass.ts';

type Surroundings = Deciding & { table: Table; objects: Objects; now: () => Date };

/**
 * What the command line asks for, signed with IAM credentials; API Gateway has verified the signature and says whose it
 * is. JSON in, JSON out; what is refused says why in `error` and `message`.
 */
export const approvalApi = (surroundings: () => Surroundings): Hono => {
  const app = new Hono();

  app.post('/runs/:run/announcement', async (context) => {
    const caller = callerOf(context);
    const body = Announced.safeParse(await context.req.json().catch(() => null));
    if (!caller || !body.success) return caller ? invalid(context, body.error!) : forbidden(context);
    const { table, now } = surroundings();
    const mine = { arn: caller.arn, ...body.data, at: now().toISOString() };
    const held = await announce(table, context.req.param('run'), mine);
    if (held.arn !== mine.arn || held.digest !== mine.digest) {
      const message = `${held.arn} has announced this run for bundle ${held.digest.slice(0, 12)}. Start yours under another name.`;
      return context.json({ error: 'AnnouncedOtherwise', message }, 409);
    }
    return context.json({ run: context.req.param('run'), starter: held.arn });
  });

  app.get('/requests', async (context) => {
    if (!callerOf(context)) return forbidden(context);
    const { table, sfn, now } = surroundings();
    const [requests, parked] = await Promise.all([newestRequests(table, 20), parkedNow({ table, sfn })]);
    return context.json({ requests: requests.map((it) => publicView(it, now())), parked });
  });

  app.get('/runs/:run/approval', async (context) => {
    if (!callerOf(context)) return forbidden(context);
    const { table, sfn, objects, now } = surroundings();
    const request = await getRequest(table, context.req.param('run'));
    if (!request) return unknown(context);
    const [asked, parked] = await Promise.all([readWhatIsAsked(objects, request), parkedNow({ table, sfn })]);
    const own = parked?.run === request.run ? parked : null;
    return context.json({ ...publicView(request, now()), plan: asked && planView(asked), parked: own });
  });

  app.post('/runs/:run/decision', async (context) => {
    const caller = callerOf(context);
    const body = Decision.safeParse(await context.req.json().catch(() => null));
    if (!caller || !body.success) return caller ? invalid(context, body.error!) : forbidden(context);
    const around = surroundings();
    const [run, ballot] = [context.req.param('run'), { identity: caller, ...body.data }];
    const early = ballot.breakGlass ? await breakGlassForWindow(around, run, ballot) : undefined;
    const done = early ?? (await decide(around, run, ballot));
    if (!done) return unknown(context);
    const request = publicView(done.request, around.now());
    if (done.result === 'refused') {
      const { code, sentence } = done.refusal;
      return context.json({ error: code, message: sentence, request }, STATUS[code] ?? 409);
    }
    return context.json({ result: done.result, request });
  });

  app.onError(failed);
  return app;
};

const Announced = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  authors: z.array(z.string().min(1).max(200)).max(200).default([]),
});

const Decision = z.strictObject({
  decision: z.enum(['approved', 'rejected', 'withdrawn']),
  reason: z.string().max(1000).default(''),
  planDigest: z.string().regex(/^[0-9a-f]{64}$/),
  breakGlass: z.boolean().default(false),
});

export const STATUS: Record<string, 400 | 403 | 410> = {
  UnknownPerson: 403,
  NotAnApprover: 403,
  FourEyes: 403,
  LowAssurance: 403,
  NoBreakGlass: 403,
  ReasonNeeded: 400,
  TooLate: 410,
  NotWaiting: 410,
};

const unknown = (context: Context) =>
  context.json({ error: 'NoSuchRequest', message: 'This run asks for no approval, or not yet.' }, 404);
