import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { firstSeen, getRequest } from '../../ledger/requests.ts';
import type { Table } from '../../ledger/table.ts';
import type { Ballot } from '../cast.ts';
import { ACTIONS, type ButtonValue, decisionModal, needsReason, REASON } from './blocks.ts';
import type { SlackSecret } from './secret.ts';
import { isSignedBySlack, signatureForgottenAfter } from './signature.ts';
import { type Slack, slackBy } from './web.ts';

/** A decision on its way to the function that takes it. */
export type SlackBallot = { run: string; ballot: Ballot; user: string; channel: string };

type Surroundings = {
  table: Table;
  /** The one workspace and channel from which decisions are taken. */
  slack: { team: string; channel: string };
  secret: () => Promise<SlackSecret>;
  /** Hands a decision over to be taken after Slack has been answered, at least once. */
  hand: (ballot: SlackBallot) => Promise<void>;
  now: () => Date;
};

/**
 * Where Slack sends what people press. Nothing is looked at before its signature is verified, and each signature counts
 * once. Slack waits for three seconds: a button opens the modal in that time, and what the modal says is handed over.
 */
export const slackInteractions = (surroundings: () => Surroundings): Hono => {
  const app = new Hono();
  app.post('/slack/interactions', async (context) => {
    const around = surroundings();
    const body = Buffer.from(await context.req.arrayBuffer());
    const signature = context.req.header('x-slack-signature');
    const signed = { body, timestamp: context.req.header('x-slack-request-timestamp'), signature };
    const secret = await around.secret();
    if (body.length > MOST_BYTES || !isSignedBySlack(signed, secret.signingSecret, around.now()))
      return refused(context, 401);
    const payload = Payload.safeParse(parse(new URLSearchParams(body.toString('utf8')).get('payload')));
    if (!payload.success || payload.data.team.id !== around.slack.team) return refused(context, 403);
    if (!(await firstSeen(around.table, `slack ${signature}`, signatureForgottenAfter(around.now()))))
      return refused(context, 409);
    return payload.data.type === 'block_actions'
      ? pressed(context, around, payload.data, slackBy(secret))
      : submitted(context, around, payload.data);
  });
  app.notFound((context) => refused(context, 404));
  app.onError((error, context) => {
    console.error(
      JSON.stringify({ level: 'ERROR', error: error.name, message: 'an interaction could not be handled' }),
    );
    return refused(context, 500);
  });
  return app;
};

/** Slack's own payloads stay far below. */
const MOST_BYTES = 256 * 1024;

const pressed = async (context: Context, around: Surroundings, it: Pressed, slack: Slack) => {
  if (it.channel.id !== around.slack.channel) return refused(context, 403);
  const [action] = it.actions;
  const value = Value.safeParse(parse(action?.value ?? null));
  const decision = answerOf(action?.action_id);
  if (!value.success || !decision) return context.body(null, 200);
  const request = await getRequest(around.table, value.data.run);
  if (!request) return refused(context, 403);
  const view = decisionModal(decision, value.data, request);
  await slack('views.open', { trigger_id: it.trigger_id, view });
  return context.body(null, 200);
};

const submitted = async (context: Context, around: Surroundings, it: Submitted) => {
  const value = Value.safeParse(parse(it.view.private_metadata));
  const decision = answerOf(it.view.callback_id);
  if (!value.success || !decision) return refused(context, 403);
  const reason = it.view.state.values[REASON]?.[REASON]?.value ?? '';
  if (needsReason(decision) && reason.trim() === '') {
    const said = `${decision === 'rejected' ? 'Rejecting' : 'Abandoning'} needs a reason.`;
    return context.json({ response_action: 'errors', errors: { [REASON]: said } });
  }
  await around.hand({
    run: value.data.run,
    user: it.user.id,
    channel: around.slack.channel,
    ballot: {
      decision,
      identity: { channel: 'slack', team: it.team.id, user: it.user.id },
      reason: reason.slice(0, 1000),
      planDigest: value.data.planDigest,
      castAt: around.now().toISOString(),
    },
  });
  return context.body(null, 200);
};

const answerOf = (action: string | undefined) =>
  action !== undefined && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;

/** Says nothing about why: whoever is not Slack learns nothing here. */
const refused = (context: Context, status: 401 | 403 | 404 | 409 | 500) => context.body(null, status);

const Who = { team: z.object({ id: z.string() }), user: z.object({ id: z.string() }) };

const Pressed = z.object({
  type: z.literal('block_actions'),
  ...Who,
  channel: z.object({ id: z.string() }),
  trigger_id: z.string(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
});

const Submitted = z.object({
  type: z.literal('view_submission'),
  ...Who,
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }),
  }),
});

const Payload = z.discriminatedUnion('type', [Pressed, Submitted]);

type Pressed = z.infer<typeof Pressed>;
type Submitted = z.infer<typeof Submitted>;

const Value: z.ZodType<ButtonValue> = z.object({
  run: z.string().max(90),
  planDigest: z.string().regex(/^[0-9a-f]{64}$/),
});

const parse = (text: string | null): unknown => {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
};
