import { failure } from '../../failure.ts';

/** Slack has not done what it was asked. What was sent, and the token, are not repeated. */
export const SlackFailed = failure(
  'SlackFailed',
  (it: { method: string; reason: string }) => `Slack's ${it.method} failed: ${it.reason}`,
);

/** Slack's Web API, as the app's bot. */
export type Slack = (method: Method, body: object) => Promise<Record<string, unknown>>;

type Method = 'chat.postMessage' | 'chat.update' | 'chat.postEphemeral' | 'views.open';

/** Slack shows an error when nothing has happened after three seconds; whoever called goes without an answer then. */
const PATIENCE_MILLISECONDS = 2_500;

export const slackBy =
  ({ botToken, apiUrl }: { botToken: string; apiUrl: string }): Slack =>
  async (method, body) => {
    const answer = await send(new URL(method, apiUrl), method, body, { authorization: `Bearer ${botToken}` });
    const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    if (said.ok !== true) throw new SlackFailed({ method, reason: String(said.error ?? `HTTP ${answer.status}`) });
    return said;
  };

/** An incoming webhook: answers nothing by which the message could be found again. */
export const slackByWebhook =
  (webhookUrl: string) =>
  async (body: object): Promise<void> => {
    const answer = await send(new URL(webhookUrl), 'webhook', body, {});
    if (!answer.ok) throw new SlackFailed({ method: 'webhook', reason: `HTTP ${answer.status}` });
  };

const send = async (url: URL, method: string, body: object, headers: Record<string, string>): Promise<Response> => {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
  } catch (error) {
    throw new SlackFailed({
      method,
      reason: (error as Error).name === 'TimeoutError' ? 'no answer in time' : 'could not be reached',
    });
  }
};
