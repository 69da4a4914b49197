import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Workspace } from './workspaces.ts';

/** What became of something that a user did. */
export type Interaction = {
  /** What was sent, byte for byte; absent where Slack itself held the user back. */
  request?: { url: string; headers: Record<string, string>; body: string };
  /** The app's answer; absent when none came in time. */
  status?: number;
  body?: string;
  /** What Slack tells the user when it went wrong. */
  trouble?: string;
  /** By block id, what the user is to mend in the form. */
  errors?: Record<string, string>;
};

/**
 * POSTs a payload to the app's Request URL as Slack does, signed over the raw body
 * (docs.slack.dev/authentication/verifying-requests-from-slack). The user is told of everything but a 200 in time.
 */
export const send = async (
  { requestUrl, signingSecret }: Workspace,
  payload: object,
  { clock, patience }: { clock: Clock; patience: number },
): Promise<Interaction> => {
  if (requestUrl === undefined)
    return { trouble: 'This app is not set up to handle interactions: it has no Request URL.' };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(clock.now().getTime() / 1000));
  const signed = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers = {
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    accept: 'application/json,*/*',
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signed}`,
  };
  const sent = { url: requestUrl, headers, body };
  const answer = await clock.busy(post(sent, patience));
  if ('problem' in answer) return { request: sent, trouble: answer.problem };
  if (answer.status === 200) return { request: sent, ...answer };
  return { request: sent, ...answer, trouble: `The app answered ${answer.status}, where Slack wants 200.` };
};

type Sent = { url: string; headers: Record<string, string>; body: string };

const post = ({ url, headers, body }: Sent, patience: number) =>
  new Promise<{ status: number; body: string } | { problem: string }>((resolve) => {
    const late = { problem: `The app did not answer within ${patience / 1000} seconds.` };
    const outgoing = request(url, {
      agent: false,
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    const timer = setTimeout(() => {
      resolve(late);
      // The app goes on with what it does; nobody listens any more.
      outgoing.destroy();
    }, patience);
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      resolve({ problem: `The app could not be reached at its Request URL: ${error.message}` });
    });
    outgoing.on('response', async (incoming) => {
      let text = '';
      try {
        for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
        resolve({ status: incoming.statusCode ?? 0, body: text });
      } catch {
        resolve(late);
      }
      clearTimeout(timer);
    });
    outgoing.end(body);
  });
