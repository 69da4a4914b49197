import type { AwsRequest, AwsResponse } from '../../service.ts';
import { check } from '../block-kit/check.ts';
import { SlackError } from '../slack-error.ts';
import type { State } from '../state.ts';
import { callOf } from './arguments.ts';
import { postEphemeral, postMessage, update } from './chat.ts';
import { authTest, usersInfo } from './people.ts';
import { viewsOpen, viewsUpdate } from './views.ts';

/** What the local Slack offers of docs.slack.dev/reference/methods. */
const METHODS = {
  'auth.test': authTest,
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.postEphemeral': postEphemeral,
  'users.info': usersInfo,
  'views.open': viewsOpen,
  'views.update': viewsUpdate,
};

/** Slack's Web API: refusals are answers with status 200 and `"ok": false`, except for too many calls. */
export const webApi =
  (state: State) =>
  async (request: AwsRequest, method: string): Promise<AwsResponse> => {
    try {
      return called(state, request, method);
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      const { code, details } = error;
      if (details.length === 0) return json({ ok: false, error: code });
      const messages = details.map((it) => `[ERROR] ${it}`);
      return json({ ok: false, error: code, errors: details, response_metadata: { messages } });
    }
  };

const called = (state: State, request: AwsRequest, method: string): AwsResponse => {
  const found = Object.hasOwn(METHODS, method) ? METHODS[method as keyof typeof METHODS] : undefined;
  if (!found) return json({ ok: false, error: 'unknown_method', req_method: method });
  const { token, args } = callOf(request);
  if (token === undefined) throw new SlackError('not_authed');
  const workspace = state.workspaces.byToken(token);
  if (!workspace) throw new SlackError('invalid_auth');
  if (workspace.switches.rateLimits) {
    const scope = method === 'chat.postMessage' ? `${workspace.team.id} ${args.channel}` : workspace.team.id;
    const wait = state.rateLimits(method, scope);
    if (wait !== undefined) {
      return { ...json({ ok: false, error: 'ratelimited' }, { 'retry-after': String(wait) }), status: 429 };
    }
  }
  // Slack ignores arguments that it doesn't know. Here they are refused: a typo in one that matters should be noticed.
  const input = check(found.input, args, { pointer: '', code: 'invalid_arguments' });
  return json({ ok: true, ...found.run({ state, workspace }, input as never) });
};

const json = (body: object, headers: Record<string, string> = {}): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
