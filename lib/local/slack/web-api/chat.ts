import { z } from 'zod';
import { content } from '../content.ts';
import { described } from '../messages.ts';
import { SlackError } from '../slack-error.ts';
import type { Channel, Workspace } from '../workspaces.ts';
import { flag } from './arguments.ts';
import { method } from './method.ts';

/** Text is at most 40,000 characters long (docs.slack.dev/reference/methods/chat.postMessage); Slack cuts it, here it is refused. */
export const LONGEST_POSTED = 40_000;
/** docs.slack.dev/reference/methods/chat.update, msg_too_long. */
const LONGEST_UPDATED = 4_000;

const body = { text: z.string().optional(), blocks: z.unknown().optional() };
const previews = { unfurl_links: flag.optional(), unfurl_media: flag.optional() };

export const postMessage = method(
  z.strictObject({
    channel: z.string(),
    thread_ts: z.string().optional(),
    /** The reply shows in the channel as well; here every message does. */
    reply_broadcast: flag.optional(),
    mrkdwn: flag.optional(),
    ...body,
    ...previews,
  }),
  ({ state, workspace }, it) => {
    const channel = writable(workspace, it.channel);
    if (it.thread_ts !== undefined && state.messages.find(it.thread_ts)?.channelId !== channel.id) {
      throw new SlackError('thread_not_found');
    }
    const message = state.messages.post({
      ...content(it, LONGEST_POSTED),
      ...{ teamId: workspace.team.id, channelId: channel.id, via: 'bot' },
      previews: { links: it.unfurl_links, media: it.unfurl_media },
      ...(it.thread_ts === undefined ? {} : { threadTs: it.thread_ts }),
    });
    state.unfurling.look(message);
    return { channel: channel.id, ts: message.ts, message: described(workspace, message) };
  },
);

export const postEphemeral = method(
  z.strictObject({ channel: z.string(), user: z.string(), ...body }),
  ({ state, workspace }, it) => {
    const channel = writable(workspace, it.channel);
    if (!channel.members.has(it.user)) throw new SlackError('user_not_in_channel');
    const message = state.messages.post({
      ...content(it, LONGEST_POSTED),
      ...{ teamId: workspace.team.id, channelId: channel.id, via: 'bot', ephemeralTo: it.user, previews: {} },
    });
    return { message_ts: message.ts };
  },
);

/** Changes one of the app's own messages. Text without blocks takes the blocks away, blocks without text the text. */
export const update = method(
  z.strictObject({ channel: z.string(), ts: z.string(), ...body }),
  ({ state, workspace }, it) => {
    const channel = workspace.channels.get(it.channel);
    if (!channel) throw new SlackError('channel_not_found');
    const message = state.messages.find(it.ts);
    const isThere = message?.teamId === workspace.team.id && message.channelId === channel.id;
    if (!isThere || message.ephemeralTo !== undefined) throw new SlackError('message_not_found');
    if (message.via !== 'bot') throw new SlackError('cant_update_message');
    if (channel.archived) throw new SlackError('is_archived');
    const changed = state.messages.change(message.ts, content(it, LONGEST_UPDATED));
    state.unfurling.look(changed);
    return { channel: channel.id, ts: message.ts, text: changed.text, message: described(workspace, changed) };
  },
);

/** A channel by its id or name, or the conversation with a user by theirs; one where the bot may write. */
const writable = (workspace: Workspace, given: string): Channel => {
  const named = [...workspace.channels.values()].find(({ name }) => `#${name}` === given || name === given);
  const channel = workspace.channels.get(given) ?? named ?? conversation(workspace, given);
  if (!channel) throw new SlackError('channel_not_found');
  if (channel.archived) throw new SlackError('is_archived');
  if (!channel.members.has(workspace.bot.userId)) throw new SlackError('not_in_channel');
  return channel;
};

const conversation = ({ users, channels, bot }: Workspace, userId: string): Channel | undefined => {
  if (!users.has(userId)) return undefined;
  const id = `D${userId.slice(1)}`;
  const channel = channels.get(id) ?? {
    id,
    name: 'directmessage',
    members: new Set([userId, bot.userId]),
    archived: false,
  };
  channels.set(id, channel);
  return channel;
};
