import { z } from 'zod';
import type { AwsRequest, AwsResponse } from '../service.ts';
import { check } from './block-kit/check.ts';
import { content } from './content.ts';
import { SlackError } from './slack-error.ts';
import type { State } from './state.ts';
import { LONGEST_POSTED } from './web-api/chat.ts';

const body = { text: z.string().optional(), blocks: z.array(z.unknown()).optional() };

/** An incoming webhook posts to its one channel. Another channel, name or icon is refused here, where Slack ignores it. */
const incoming = z.strictObject({
  ...body,
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});

const response = z.strictObject({
  ...body,
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
});

/** Incoming webhooks and response_urls: JSON in; out comes `ok`, or an error's code as plain text (never a timestamp). */
export const webhooks = (state: State) => ({
  incoming: (request: AwsRequest, id: string): AwsResponse =>
    answered(() => {
      const workspace = state.workspaces.byWebhook(id);
      const channel = workspace?.channels.get(workspace.webhooks.get(id)?.channel ?? '');
      if (!workspace || !channel) throw new SlackError('no_service');
      const wait = workspace.switches.rateLimits ? state.rateLimits('webhook', id) : undefined;
      if (wait !== undefined) return { status: 429, headers: { 'retry-after': String(wait) }, body: 'rate_limited' };
      const it = check(incoming, parsed(request), { pointer: '', code: 'invalid_payload' });
      if (channel.archived) throw new SlackError('channel_is_archived');
      const message = state.messages.post({
        ...content(it, LONGEST_POSTED),
        ...{ teamId: workspace.team.id, channelId: channel.id, via: 'webhook' },
        previews: { links: it.unfurl_links, media: it.unfurl_media },
      });
      state.unfurling.look(message);
      return OK;
    }),

  response: (request: AwsRequest): AwsResponse =>
    answered(() => {
      const it = check(response, parsed(request), { pointer: '', code: 'invalid_payload' });
      const { teamId, userId, channelId, ts } = state.responseUrls.use(request.path);
      if (it.delete_original) {
        state.messages.delete(ts);
        return OK;
      }
      const said = content(it, LONGEST_POSTED);
      if (it.replace_original && state.messages.find(ts)) {
        state.messages.change(ts, said);
        return OK;
      }
      const alone = it.response_type === 'ephemeral' ? { ephemeralTo: userId } : {};
      state.unfurling.look(state.messages.post({ ...said, ...alone, teamId, channelId, via: 'bot', previews: {} }));
      return OK;
    }),
});

const OK: AwsResponse = { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };

/** Statuses of docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: gone ones 404, archived 410, faulty 400. */
const STATUS: Record<string, number> = {
  no_service: 404,
  invalid_url: 404,
  expired_url: 404,
  used_url: 404,
  channel_is_archived: 410,
};

const answered = (run: () => AwsResponse): AwsResponse => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    const body = [error.code, ...error.details].join('\n');
    return { status: STATUS[error.code] ?? 400, headers: { 'content-type': 'text/plain' }, body };
  }
};

const parsed = ({ method, body }: AwsRequest): unknown => {
  if (method !== 'POST') throw new SlackError('invalid_payload');
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new SlackError('invalid_payload');
  }
};
