import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { isExpected } from '../../failure.ts';
import type { AwsRequest, AwsResponse, Service } from '../service.ts';
import { buttonsOf } from '../slack/block-kit/blocks.ts';
import type { Interaction, Slack } from '../slack/slack.ts';
import type { Message as Mail } from '../sns/inbox.ts';
import { form, type Person, personOf } from './form.ts';
import { openingPage, page } from './page.ts';
import { style } from './style.ts';
import { trespass } from './trespass.ts';

export type Sources = { mails: { messages(): Mail[] }; slack: Slack; endpoint(): string };

/**
 * Pages for people at `/inbox`: the mail that SNS would have delivered, and Slack as one of its users sees it, with
 * buttons and modals that work. GET changes nothing; what a user does is a POST that only these pages can make.
 */
export const inboxPages = ({ mails, slack, endpoint }: Sources): Service => {
  /** What went wrong with the last thing that a user did, until the next. */
  const troubles = new Map<string, string>();
  /** When a user last did something: what the app does about it is to show soon. */
  const lately = new Map<string, number>();

  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy, referrerPolicy: 'same-origin', xFrameOptions: 'DENY' }));
  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });

  app.get('/inbox', async (context) => {
    const { as = '', confirm, press, pause } = context.req.query();
    const person = personOf(slack, as) ?? personOf(slack);
    const asked = confirm && press ? { ts: confirm, press } : undefined;
    const trouble = person && troubles.get(person.key);
    const isLate = Date.now() - (lately.get(person?.key ?? '') ?? 0) > 4000;
    return context.html(
      await page({
        mails: mails.messages(),
        slack,
        person,
        asked,
        trouble,
        refresh: pause === '1' ? 0 : isLate ? 5 : 1,
      }),
    );
  });

  const act = async (person: Person, does: () => Promise<Interaction>) => {
    troubles.delete(person.key);
    const interaction = await does().catch((error: unknown): Interaction => {
      if (isExpected(error)) return { trouble: error.message };
      throw error;
    });
    if (interaction.trouble) troubles.set(person.key, interaction.trouble);
    lately.set(person.key, Date.now());
  };
  const back = (context: Context, { key }: Person) => context.redirect(`/inbox?as=${encodeURIComponent(key)}`, 303);

  app.post('/inbox/click', async (context) => {
    const { person, press, ts, viewId, values } = form(slack, await context.req.formData());
    const on = viewId === undefined ? ts !== undefined && { ts } : { viewId };
    if (!person || !press || !on) return context.text('This form is not of the inbox.', 400);
    const { blocks = [] } = slack.messages().find((it) => it.ts === ts) ?? {};
    const pressed = buttonsOf(blocks).find(
      (it) => it.button.action_id === press.actionId && it.blockId === press.blockId,
    );
    await act(person, () => slack.click({ user: person.user.id, ...press, ...on, values }));
    // Slack opens a button's address, whatever the app answers.
    return pressed?.button.url ? context.html(await openingPage(pressed.button.url)) : back(context, person);
  });

  app.post('/inbox/submit', async (context) => {
    const { person, viewId, values } = form(slack, await context.req.formData());
    if (!person || viewId === undefined) return context.text('This form is not of the inbox.', 400);
    await act(person, () => slack.submit({ user: person.user.id, viewId, values }));
    return back(context, person);
  });

  app.post('/inbox/close', async (context) => {
    const { person, viewId } = form(slack, await context.req.formData());
    if (!person || viewId === undefined) return context.text('This form is not of the inbox.', 400);
    await act(person, () => slack.close({ user: person.user.id, viewId }));
    return back(context, person);
  });

  return async (request) => {
    const problem = trespass(request, endpoint());
    if (problem) return { status: 403, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: problem };
    return toAnswer(await app.fetch(toRequest(request, endpoint())));
  };
};

const toRequest = ({ method, path, query, headers, body }: AwsRequest, endpoint: string) =>
  new Request(`${endpoint}${path}?${query}`, {
    method,
    headers: { 'content-type': headers['content-type'] ?? 'application/x-www-form-urlencoded' },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
  });

const toAnswer = async (response: Response): Promise<AwsResponse> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: Buffer.from(await response.arrayBuffer()),
});

/** Nothing may be loaded, run or framed; forms go back where they came from. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  styleSrc: [`'sha256-${createHash('sha256').update(style).digest('base64')}'`],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};
