import type { Clock } from '../clock.ts';
import type { Block } from './block-kit/blocks.ts';
import type { Unfurl } from './unfurl.ts';
import type { Workspace } from './workspaces.ts';

/** A message as it stands now. */
export type Message = {
  teamId: string;
  channelId: string;
  /** Seconds with six decimals, unlike any other message's: with the channel, its identifier. */
  ts: string;
  at: Date;
  text: string;
  blocks: Block[];
  threadTs?: string;
  /** When it was last changed. */
  edited?: Date;
  /** The one user who sees it. */
  ephemeralTo?: string;
  via: 'bot' | 'webhook';
  /** What its sender said of previews. */
  previews: Previews;
  /** What Slack got when it looked at the message's links. */
  unfurls: Unfurl[];
};
export type Previews = { links?: boolean | undefined; media?: boolean | undefined };

export const messages = (clock: Clock) => {
  const all = new Map<string, Message>();
  const listeners = new Set<(message: Message) => void>();
  const tell = (message: Message) => {
    for (const listener of listeners) listener(message);
    return message;
  };
  const timestamp = timestamps(clock);
  return {
    timestamp,
    /** In the order of posting. */
    all: () => [...all.values()],
    find: (ts: string) => all.get(ts),
    post(it: Omit<Message, 'ts' | 'at' | 'unfurls'>): Message {
      const message = { ...it, ts: timestamp(), at: clock.now(), unfurls: [] };
      all.set(message.ts, message);
      return tell(message);
    },
    change(ts: string, to: Pick<Message, 'text' | 'blocks'>): Message {
      const message = Object.assign(all.get(ts)!, to, { edited: clock.now() });
      return tell(message);
    },
    delete: (ts: string) => void all.delete(ts),
    /** Calls the listener for every message posted or changed from now on; returns what ends that. */
    on(listener: (message: Message) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** The message as Slack's answers and interaction payloads carry it. */
export const described = ({ team, app, bot }: Workspace, it: Message) => ({
  ...(it.via === 'webhook' ? { subtype: 'bot_message' } : { user: bot.userId }),
  type: 'message',
  ts: it.ts,
  bot_id: bot.id,
  app_id: app.id,
  text: it.text,
  team: team.id,
  ...(it.threadTs === undefined ? {} : { thread_ts: it.threadTs }),
  ...(it.edited ? { edited: { user: bot.id, ts: `${Math.floor(it.edited.getTime() / 1000)}.000000` } } : {}),
  ...(it.blocks.length === 0 ? {} : { blocks: it.blocks }),
});

/** Timestamps that only grow, even while the clock stands still. */
const timestamps = (clock: Clock) => {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.now().getTime() * 1000);
    const digits = String(last);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  };
};
