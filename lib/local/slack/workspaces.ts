import { randomInt } from 'node:crypto';
import { failure } from '../../failure.ts';

export type User = { id: string; name: string; realName: string; email?: string };
export type Channel = { id: string; name: string; members: Set<string>; archived: boolean };

/** One team with one app installed in it, which stands for the app under test. */
export type Workspace = {
  team: { id: string; domain: string; name: string };
  app: { id: string; name: string; token: string };
  bot: { id: string; userId: string };
  botToken: string;
  signingSecret: string;
  requestUrl?: string;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  webhooks: Map<string, { channel: string }>;
  switches: Switches;
};

/** Where Slack's behaviour isn't known, or costs time in tests. */
export type Switches = {
  /** Do buttons of messages that came by incoming webhook reach the Request URL? Unsourced. @default false */
  webhookButtons: boolean;
  /** 429 as docs.slack.dev/apis/web-api/rate-limits has it, without the bursts that Slack sometimes grants. @default false */
  rateLimits: boolean;
};

export type NewWorkspace = {
  team: { id: string; domain: string; name?: string };
  /** `xoxb-…` */
  botToken: string;
  signingSecret: string;
  /** Where the app takes interactions, on this machine. Without one, buttons do nothing but say so. */
  requestUrl?: string;
  users: { id: string; name: string; realName?: string; email?: string }[];
  channels: {
    id: string;
    name: string;
    /** User ids. @default everybody */
    members?: string[];
    /** Is the app's bot in it? @default true */
    bot?: boolean;
    archived?: boolean;
  }[];
  /** Incoming webhooks by id, each for one channel: `<endpoint>/slack/webhook/<id>`. */
  webhooks?: Record<string, { channel: string }>;
  app?: { id?: string; name?: string };
  switches?: Partial<Switches>;
};

export const BadWorkspace = failure('BadWorkspace', ({ problem }: { problem: string }) => problem);

/** All teams, found by what callers show: a token, a webhook's id. */
export const workspaces = () => {
  const all = new Map<string, Workspace>();
  return {
    all: () => [...all.values()],
    byId: (id: string) => all.get(id),
    byToken: (token: string) => [...all.values()].find(({ botToken }) => botToken === token),
    byWebhook: (id: string) => [...all.values()].find(({ webhooks }) => webhooks.has(id)),
    /** Adds a team, or replaces the one of that id. */
    add(it: NewWorkspace): Workspace {
      const taken = [...all.values()].filter(({ team }) => team.id !== it.team.id);
      const problem = problemOf(it, taken);
      if (problem) throw new BadWorkspace({ problem });
      const bot = { id: id('B'), userId: id('U') };
      const people = it.users.map(({ realName, ...user }): [string, User] => [
        user.id,
        { ...user, realName: realName ?? user.name },
      ]);
      const workspace: Workspace = {
        team: { name: it.team.domain, ...it.team },
        app: { id: it.app?.id ?? id('A'), name: it.app?.name ?? 'Lockstep', token: id('') },
        bot,
        ...{ botToken: it.botToken, signingSecret: it.signingSecret },
        ...(it.requestUrl === undefined ? {} : { requestUrl: it.requestUrl }),
        users: new Map(people),
        channels: new Map(
          it.channels.map(({ id, name, members, bot: present = true, archived = false }) => {
            const all = [...(members ?? it.users.map((user) => user.id)), ...(present ? [bot.userId] : [])];
            return [id, { id, name, members: new Set(all), archived }];
          }),
        ),
        webhooks: new Map(Object.entries(it.webhooks ?? {})),
        switches: { webhookButtons: false, rateLimits: false, ...it.switches },
      };
      all.set(workspace.team.id, workspace);
      return workspace;
    },
  };
};

/** An identifier as Slack makes them: a letter for the kind and ten capitals or digits. */
export const id = (kind: string) =>
  kind + Array.from({ length: 10 }, () => CAPITALS[randomInt(CAPITALS.length)]).join('');
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const problemOf = (it: NewWorkspace, others: Workspace[]): string | undefined => {
  const users = it.users.map((user) => user.id);
  const channels = it.channels.map((channel) => channel.id);
  const strangers = it.channels.flatMap(({ members = [] }) => members.filter((member) => !users.includes(member)));
  const homeless = Object.values(it.webhooks ?? {}).find(({ channel }) => !channels.includes(channel));
  const known = others.flatMap((other) => [other.botToken, ...other.webhooks.keys()]);
  const twice = [it.botToken, ...Object.keys(it.webhooks ?? {})].find((key) => known.includes(key));
  if (!/^T[A-Z0-9]+$/.test(it.team.id)) return `A team's id is a T and capitals or digits, not "${it.team.id}".`;
  if (!/^xoxb-[\w-]+$/.test(it.botToken)) return 'A bot token begins with xoxb-.';
  if (it.signingSecret === '') return 'The signing secret is empty: nobody could tell a signed request from another.';
  if (it.requestUrl !== undefined && !isOnThisMachine(it.requestUrl)) {
    return `The Request URL ${it.requestUrl} is not on this machine; the local Slack sends nothing off it.`;
  }
  const odd = [...users.filter((it) => !/^[UW]\w+$/.test(it)), ...channels.filter((it) => !/^[CG]\w+$/.test(it))][0];
  if (odd !== undefined) return `Users' ids begin with U or W, channels' with C or G: "${odd}" doesn't.`;
  if (new Set([...users, ...channels]).size < users.length + channels.length)
    return 'Two users or channels share an id.';
  if (strangers[0]) return `A channel has the member ${strangers[0]}, who is none of the users.`;
  if (homeless) return `A webhook is for the channel ${homeless.channel}, which is none of the channels.`;
  return twice && `Another workspace has "${twice}" already.`;
};

/** What the local Slack may call: plain HTTP on loopback. */
export const isOnThisMachine = (url: string) =>
  URL.canParse(url) &&
  new URL(url).protocol === 'http:' &&
  /^(127\.\d+\.\d+\.\d+|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(new URL(url).hostname);
