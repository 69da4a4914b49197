import { Hono } from 'hono';
import * as z from 'zod';
import type { Table } from '../ledger/table.ts';
import { STATUS } from './api.ts';
import { callerOf, failed, forbidden, invalid } from './iam-caller.ts';
import { order, type Standing, standingOf } from './orders.ts';
import { publicView } from './view.ts';

type Surroundings = Parameters<typeof order>[0] & { table: Table; now: () => Date };

/** What the command line tells a run that is at work, or asks of it; signed with IAM credentials, as all it asks for. */
export const ordersApi = (surroundings: () => Surroundings): Hono => {
  const app = new Hono();

  app.get('/runs/:run/control', async (context) => {
    if (!callerOf(context)) return forbidden(context);
    const { table, now } = surroundings();
    const standing = await standingOf(table, context.req.param('run'), now());
    return standing ? context.json(told(standing, now())) : context.json(unknown, 404);
  });

  app.post('/runs/:run/control', async (context) => {
    const caller = callerOf(context);
    const body = Said.safeParse(await context.req.json().catch(() => null));
    if (!caller || !body.success) return caller ? invalid(context, body.error!) : forbidden(context);
    const around = surroundings();
    const done = await order(around, context.req.param('run'), { identity: caller, ...body.data });
    if (!done) return context.json(unknown, 404);
    if (done.result === 'refused') {
      const { code, sentence } = done.refusal;
      return context.json({ error: code, message: sentence, ...told(done, around.now()) }, STATUS[code] ?? 409);
    }
    const decided = done.decided && publicView(done.decided.request, around.now());
    return context.json({ result: done.result, ...told(done, around.now()), decided });
  });
  app.onError(failed);
  return app;
};

const Said = z.strictObject({
  order: z.enum(['pause', 'resume', 'revert', 'abandon']),
  reason: z.string().max(1000).default(''),
  /** Digest of the rollout as it was shown, where it is held. */
  shown: z.string().max(64).default(''),
});

const told = ({ run, control, hold }: Standing, now: Date) => ({
  run,
  control,
  hold: hold && publicView(hold, now),
});

const unknown = { error: 'NoSuchRun', message: 'The ledger of this environment knows no run of that name.' };
