import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { APPROVE, REJECT } from '../../../lib/approval/slack/blocks.ts';
import { type SlackBallot, slackInteractions } from '../../../lib/approval/slack/interactions.ts';
import { openRequest } from '../../../lib/ledger/requests.ts';
import type { Table } from '../../../lib/ledger/table.ts';
import { itemsOf, ledgers } from '../../ledger/harness.ts';
import { asked, at } from '../request.ts';

const { table } = ledgers();
const SECRET = 'signing-secret';
const now = at('09:30:00');
const value = JSON.stringify({ run: 'run-1', planDigest: asked().planDigest });

let ledger: Table;
let handed: SlackBallot[];
let called: { url: string; body: { trigger_id?: string; view?: { blocks: unknown[]; private_metadata: string } } }[];
let app: ReturnType<typeof slackInteractions>;

beforeEach(async () => {
  ledger = await table();
  handed = [];
  called = [];
  await openRequest(ledger, asked());
  vi.stubGlobal('fetch', async (url: URL, { body }: { body: string }) => {
    called.push({ url: String(url), body: JSON.parse(body) });
    return Response.json({ ok: true });
  });
  app = slackInteractions(() => ({
    table: ledger,
    slack: { team: 'T0001', channel: 'C0001' },
    secret: async () => ({
      botToken: 'xoxb-1',
      signingSecret: SECRET,
      webhookUrl: '',
      apiUrl: 'https://slack.com/api/',
    }),
    hand: async (it) => void handed.push(it),
    now: () => now,
  }));
});
afterEach(() => vi.unstubAllGlobals());

const pressed = (more: object = {}) => ({
  type: 'block_actions',
  team: { id: 'T0001' },
  user: { id: 'UADA0001' },
  channel: { id: 'C0001' },
  trigger_id: 'trigger',
  actions: [{ action_id: APPROVE, value }],
  ...more,
});

const submitted = (more: object = {}, reason = 'as agreed') => ({
  type: 'view_submission',
  team: { id: 'T0001' },
  user: { id: 'UADA0001' },
  view: {
    callback_id: APPROVE,
    private_metadata: value,
    state: { values: { reason: { reason: { value: reason } } } },
    ...more,
  },
});

const send = (payload: unknown, { secret = SECRET, skew = 0, team = {} } = {}) => {
  const body = new URLSearchParams({ payload: JSON.stringify({ ...(payload as object), ...team }) }).toString();
  const timestamp = String(Math.floor(now.getTime() / 1000) + skew);
  const mark = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return post(body, { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mark}` });
};

const post = (body: string, headers: Record<string, string>) =>
  app.request('/slack/interactions', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

describe('what people press in Slack', () => {
  it('opens a modal that asks for the reason, within the three seconds, and decides nothing', async () => {
    expect((await send(pressed())).status).toBe(200);
    expect(called.map(({ url, body }) => [url, body.trigger_id, body.view?.private_metadata])).toEqual([
      ['https://slack.com/api/views.open', 'trigger', value],
    ]);
    expect(handed).toEqual([]);
  });

  it('hands over what the modal says, with who said it by Slack’s word', async () => {
    expect((await send(submitted())).status).toBe(200);
    expect(handed).toEqual([
      {
        run: 'run-1',
        user: 'UADA0001',
        channel: 'C0001',
        ballot: {
          decision: 'approved',
          identity: { channel: 'slack', team: 'T0001', user: 'UADA0001' },
          reason: 'as agreed',
          planDigest: asked().planDigest,
          castAt: now.toISOString(),
        },
      },
    ]);
  });

  it('asks again for the reason where a rejection has none', async () => {
    const answer = await send(submitted({ callback_id: REJECT }, '  '));
    expect(await answer.json()).toMatchObject({
      response_action: 'errors',
      errors: { reason: 'Rejecting needs a reason.' },
    });
    expect(handed).toEqual([]);
  });

  it('counts once: the same signed bytes again are refused', async () => {
    const answers = [await send(submitted()), await send(submitted()), await send(submitted())];
    expect([answers.map(({ status }) => status), handed.length]).toEqual([[200, 409, 409], 1]);
  });

  it('is refused from another workspace, channel or app, from the past and the future, before anything is written', async () => {
    const refused = await Promise.all([
      send(submitted(), { team: { team: { id: 'T9999' } } }),
      send(pressed({ channel: { id: 'C9999' } })),
      send(submitted(), { secret: 'of another app' }),
      send(submitted(), { skew: -301 }),
      send(submitted(), { skew: 301 }),
      post('payload=%7B%7D', {}),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 401, 401, 401, 401]);
    expect([handed, called]).toEqual([[], []]);
  });

  it('is refused about runs that ask nobody, and with metadata that is not ours', async () => {
    const unknown = JSON.stringify({ run: 'run-9', planDigest: asked().planDigest });
    expect((await send(pressed({ actions: [{ action_id: APPROVE, value: unknown }] }))).status).toBe(403);
    expect((await send(submitted({ private_metadata: '{"run":"run-1"}' }))).status).toBe(403);
    expect((await send(submitted({ callback_id: 'other' }))).status).toBe(403);
    expect([handed, called]).toEqual([[], []]);
  });

  it('shows neither task token, form key nor secret to anyone', async () => {
    const answers = [await send(pressed()), await send(submitted())];
    const seen = JSON.stringify([await Promise.all(answers.map((it) => it.text())), called, handed]);
    for (const secret of [asked().taskToken, asked().formKey, SECRET]) expect(seen).not.toContain(secret);
    expect(JSON.stringify(await itemsOf(ledger))).not.toContain(SECRET);
  });

  it('accepts none of ten thousand requests that were tampered with', async () => {
    const body = new URLSearchParams({ payload: JSON.stringify(submitted()) }).toString();
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const mark = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const statuses = new Map<number, number>();
    for (let i = 0; i < 10_000; i += 1) {
      const at = (i * 7919) % body.length;
      const changed = [
        () => [
          body.slice(0, at) + String.fromCharCode(33 + ((body.charCodeAt(at) + 1 + i) % 90)) + body.slice(at + 1),
          timestamp,
          mark,
        ],
        () => [body.slice(0, at), timestamp, mark],
        () => [body, String(Number(timestamp) + 1 + (i % 299)), mark],
        () => [
          body,
          timestamp,
          `v0=${createHmac('sha256', `${SECRET}${i}`).update(`v0:${timestamp}:${body}`).digest('hex')}`,
        ],
      ][i % 4]!();
      if (changed[0] === body && changed[1] === timestamp && changed[2] === mark) continue;
      const { status } = await post(changed[0]!, {
        'x-slack-request-timestamp': changed[1]!,
        'x-slack-signature': changed[2]!,
      });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([[...statuses.keys()], handed]).toEqual([[401], []]);
  });
});
