import type { ApprovalRequest } from '../../ledger/request.ts';
import type { ApprovalPolicy } from '../../policy/approval-policy.ts';
import { line } from '../mail.ts';
import type { Asked, Post } from '../post.ts';
import { type Block, escaped, messageBlocks, messageText, questionBlocks } from './blocks.ts';
import { holdBlocks } from './hold-blocks.ts';
import type { SlackSecret } from './secret.ts';
import { type Slack, slackBy, slackByWebhook } from './web.ts';

type InSlack = Pick<Post, 'ask' | 'update' | 'say'>;

/** Slack, as the policy wants it: as an app, by a webhook, or not at all. The secret is read when it is needed. */
export const slackPost = (
  policy: Pick<ApprovalPolicy, 'slack'> | null,
  secret: () => Promise<SlackSecret>,
): InSlack => {
  if (!policy?.slack) return silent;
  return policy.slack.mode === 'webhook'
    ? byWebhook(async () => slackByWebhook((await secret()).webhookUrl))
    : byApp(policy.slack.channel ?? '', async () => slackBy(await secret()));
};

const silent: InSlack = { ask: async () => null, update: async () => {}, say: async () => {} };

const byWebhook = (webhook: () => Promise<(body: object) => Promise<void>>): InSlack => ({
  async ask(request, it) {
    const say = await webhook();
    await say({ text: messageText(request), blocks: asking(request, it), ...quiet });
    return null;
  },
  update: async () => {},
  say: async (text) => (await webhook())({ text: escaped(text), ...quiet }),
});

const byApp = (channel: string, slack: () => Promise<Slack>): InSlack => ({
  async ask(request, it) {
    const call = await slack();
    if (request.slack) {
      const thread = { thread_ts: request.slack.ts, reply_broadcast: true };
      await call('chat.postMessage', {
        channel: request.slack.channel,
        text: `Still waiting: ${line(messageText(request))}`,
        ...thread,
        ...quiet,
      });
      return null;
    }
    const blocks = asking(request, it);
    const posted = await call('chat.postMessage', {
      channel,
      text: messageText(request),
      blocks: messageBlocks(request, blocks),
      ...quiet,
    });
    return { channel: String(posted.channel ?? channel), ts: String(posted.ts), blocks };
  },
  async update(request, ended) {
    if (!request.slack) return;
    const { channel, ts, blocks } = request.slack;
    await (await slack())('chat.update', {
      channel,
      ts,
      text: messageText(request),
      blocks: messageBlocks(request, blocks as Block[], ended),
    });
  },
  say: async (text) => void (await (await slack())('chat.postMessage', { channel, text: escaped(text), ...quiet })),
});

const asking = (request: ApprovalRequest, it: Asked): Block[] =>
  request.hold ? holdBlocks(request, request.hold, it.link) : questionBlocks(request, it);

/** Slack opens the links of a message to show what is behind them; there is nothing to show. */
const quiet = { unfurl_links: false, unfurl_media: false };
