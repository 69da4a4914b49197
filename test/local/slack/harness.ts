import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Clock, realClock } from '../../../lib/local/clock.ts';
import { inboxPages } from '../../../lib/local/inbox/inbox.ts';
import { serve } from '../../../lib/local/server.ts';
import { type NewWorkspace, slack as openSlack } from '../../../lib/local/slack/slack.ts';
import { inbox } from '../../../lib/local/sns/inbox.ts';

export const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
export const TOKEN = 'xoxb-123-abc';

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it is.
export type Json = any;
type Answer = { status?: number; body?: string; never?: true };

/** An app that takes requests only if they are signed as docs.slack.dev/authentication/verifying-requests-from-slack says. */
export const fakeApp = async (answer: (payload: Json) => Answer | Promise<Answer> = () => ({})) => {
  const received: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    const { headers, method = '', url: path = '' } = incoming;
    received.push({ method, path, headers, body });
    if (method === 'GET') return outgoing.end('<title>a page</title>');
    const base = `v0:${headers['x-slack-request-timestamp']}:${body}`;
    const right = `v0=${createHmac('sha256', SECRET).update(base).digest('hex')}`;
    if (headers['x-slack-signature'] !== right) return outgoing.writeHead(401).end();
    const said = await answer(JSON.parse(new URLSearchParams(body).get('payload') ?? 'null'));
    if (said.never) return;
    return outgoing.writeHead(said.status ?? 200).end(said.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const payloads = (): Json[] =>
    received.filter((it) => it.method === 'POST').map((it) => JSON.parse(new URLSearchParams(it.body).get('payload')!));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, payloads };
};

/** Slack and the inbox behind the local cloud's own server, with one workspace of two people. */
export const slackWith = async (it: { clock?: Clock; patience?: number; workspace?: Partial<NewWorkspace> } = {}) => {
  let endpoint = '';
  const slack = openSlack({ clock: it.clock ?? realClock, endpoint: () => endpoint, patience: it.patience ?? 3000 });
  const mails = inbox();
  const server = await serve(0, {
    services: {},
    apis: async () => ({ status: 404 }),
    principal: String,
    open: { slack: slack.service, inbox: inboxPages({ mails, slack, endpoint: () => endpoint }) },
  });
  onTestFinished(() => server.close());
  endpoint = `http://127.0.0.1:${server.port}`;
  const workspace = slack.addWorkspace({
    team: { id: 'T1', domain: 'acme' },
    ...{ botToken: TOKEN, signingSecret: SECRET },
    users: [
      { id: 'U1', name: 'ada', realName: 'Ada Lovelace', email: 'ada@example.com' },
      { id: 'U2', name: 'bo' },
    ],
    channels: [
      { id: 'C1', name: 'deploys' },
      { id: 'C2', name: 'private', members: ['U2'] },
      { id: 'C3', name: 'elsewhere', bot: false },
      { id: 'C4', name: 'old', archived: true },
    ],
    webhooks: { hook1: { channel: 'C1' } },
    ...it.workspace,
  });
  /** A call of the Web API in JSON. */
  const call = async (method: string, args: object = {}, token = TOKEN): Promise<Json> => {
    const response = await fetch(`${endpoint}/slack/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(args),
    });
    return { ...((await response.json()) as object), status: response.status };
  };
  return { slack, mails, workspace, endpoint, call };
};

export const markdown = (text: string) => ({ type: 'mrkdwn', text });
export const plain = (text: string) => ({ type: 'plain_text', text });

/** A message's blocks with a button to approve and one to reject. */
export const APPROVAL = [
  { type: 'header', text: plain('Approve production?') },
  { type: 'section', text: markdown('*3 migrations* for <https://example.com/plan?a=1&amp;b=2|the plan>') },
  {
    type: 'actions',
    block_id: 'decide',
    elements: [
      { type: 'button', action_id: 'approve', text: plain('Approve'), style: 'primary', value: 'request-1' },
      { type: 'button', action_id: 'reject', text: plain('Reject'), style: 'danger', value: 'request-1' },
    ],
  },
];

/** A modal that asks for a reason. */
export const REASON = {
  type: 'modal',
  callback_id: 'reject',
  private_metadata: 'request-1',
  title: plain('Reject'),
  submit: plain('Reject'),
  close: plain('Back'),
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Why?'),
      element: { type: 'plain_text_input', action_id: 'text', multiline: true, min_length: 3 },
    },
  ],
};
