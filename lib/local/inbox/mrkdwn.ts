import { html } from 'hono/html';
import type { Text } from '../slack/block-kit/text.ts';
import type { Workspace } from '../slack/slack.ts';

/** A piece of a page, escaped. */
export type Fragment = unknown;

/** A text object as Slack shows it. */
export const rendered = (workspace: Workspace, it: Text): Fragment =>
  it.type === 'mrkdwn' ? mrkdwn(workspace, it.text) : emoji(it.text);

/** Slack's own markup (docs.slack.dev/messaging/formatting-message-text): the basics; what it doesn't know stays as it is. */
export const mrkdwn = (workspace: Workspace, text: string): Fragment =>
  text
    .split(/```\n?([\s\S]+?)```/)
    .map((part, index) => (index % 2 ? html`<pre>${plain(part)}</pre>` : lines(workspace, part)));

const lines = (workspace: Workspace, text: string): Fragment => {
  const parts: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = /^(&gt;|>)/.test(line);
    const last = parts.at(-1);
    const own = quoted ? line.replace(/^(&gt;|>) ?/, '') : line;
    if (last?.quoted === quoted) last.lines.push(own);
    else parts.push({ quoted, lines: [own] });
  }
  return parts.map((part) => {
    const inside = inline(workspace, part.lines.join('\n'));
    return part.quoted ? html`<blockquote>${inside}</blockquote>` : inside;
  });
};

const MARK =
  /`(?<code>[^`\n]+)`|<(?<target>[^<>|\n]+)(?:\|(?<label>[^<>\n]*))?>|(?<![\w*])\*(?=\S)(?<bold>[^*\n]*?\S)\*(?![\w*])|(?<!\w)_(?=\S)(?<italic>[^_\n]*?\S)_(?!\w)|(?<![\w~])~(?=\S)(?<strike>[^~\n]*?\S)~(?![\w~])|(?<url>https?:\/\/[^\s<>|]*[\w/#=&])/g;

const inline = (workspace: Workspace, text: string): Fragment[] => {
  const found: Fragment[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    found.push(plain(text.slice(from, match.index)), marked(workspace, match.groups ?? {}));
    from = match.index + match[0].length;
  }
  return [...found, plain(text.slice(from))];
};

const marked = (workspace: Workspace, it: Record<string, string | undefined>): Fragment => {
  if (it.code !== undefined) return html`<code>${plain(it.code)}</code>`;
  if (it.bold !== undefined) return html`<strong>${inline(workspace, it.bold)}</strong>`;
  if (it.italic !== undefined) return html`<em>${inline(workspace, it.italic)}</em>`;
  if (it.strike !== undefined) return html`<s>${inline(workspace, it.strike)}</s>`;
  if (it.url !== undefined) return link(it.url, it.url);
  return reference(workspace, it.target ?? '', it.label);
};

/** What stands in angle brackets: a mention of somebody, a channel or everybody, a date, a link. */
const reference = ({ users, channels, bot, app }: Workspace, target: string, label: string | undefined): Fragment => {
  const id = target.slice(1);
  if (target.startsWith('@')) {
    const name = id === bot.userId ? app.name : (users.get(id)?.realName ?? label ?? id);
    return html`<span class="mention">@${name}</span>`;
  }
  if (target.startsWith('#')) return html`<span class="mention">#${channels.get(id)?.name ?? label ?? id}</span>`;
  if (target.startsWith('!date^')) return plain(label ?? target);
  if (target.startsWith('!')) return html`<span class="mention">@${label ?? id.split('^')[0]}</span>`;
  return link(target, label || target);
};

const link = (target: string, label: string): Fragment => {
  const href = entities(target);
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return plain(label);
  return html`<a href="${href}" target="_blank" rel="noopener noreferrer">${plain(label)}</a>`;
};

/** Slack has exactly three entities. */
const entities = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const plain = (text: string): string => emoji(entities(text));

/** The few that apps like this one use; others stay as they are. */
const emoji = (text: string): string => text.replace(/:([a-z_+0-9-]+):/g, (name, key: string) => EMOJI[key] ?? name);

const EMOJI: Record<string, string> = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  warning: '⚠️',
  rotating_light: '🚨',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  alarm_clock: '⏰',
  stopwatch: '⏱️',
  clock1: '🕐',
  rocket: '🚀',
  lock: '🔒',
  unlock: '🔓',
  key: '🔑',
  information_source: 'ℹ️',
  bell: '🔔',
  eyes: '👀',
  tada: '🎉',
  fire: '🔥',
  bulb: '💡',
  package: '📦',
  memo: '📝',
  mag: '🔍',
  link: '🔗',
  red_circle: '🔴',
  large_yellow_circle: '🟡',
  large_green_circle: '🟢',
  large_blue_circle: '🔵',
  thumbsup: '👍',
  thumbsdown: '👎',
  '+1': '👍',
  '-1': '👎',
};
