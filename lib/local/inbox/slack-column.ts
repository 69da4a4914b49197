import { html } from 'hono/html';
import type { Button } from '../slack/block-kit/elements.ts';
import type { Message, Slack } from '../slack/slack.ts';
import { renderedBlocks } from './blocks.ts';
import { everybody, type Person, pressValue } from './form.ts';
import { type Fragment, mrkdwn } from './mrkdwn.ts';
import { when } from './when.ts';

const SHOWN = 50;

/** Slack as one of its users sees it, newest first. */
export const slackColumn = (
  slack: Slack,
  person: Person | undefined,
  trouble: string | undefined,
): Fragment => html`<section class="slack" aria-labelledby="slack">
  <h2 id="slack">Slack</h2>
  ${person ? chooser(slack, person) : html`<p class="empty">No workspace. A test or program adds one with <code>cloud.slack.addWorkspace</code>.</p>`}
  ${trouble ? html`<p class="trouble" role="alert">⚠️ ${trouble}</p>` : ''}
  ${person ? conversation(slack, person) : ''}
</section>`;

/** The messages that this person sees. */
export const visible = (slack: Slack, { workspace, user }: Person): Message[] =>
  slack
    .messages()
    .filter(
      (it) =>
        it.teamId === workspace.team.id &&
        workspace.channels.get(it.channelId)?.members.has(user.id) &&
        (it.ephemeralTo ?? user.id) === user.id,
    );

const chooser = (slack: Slack, person: Person): Fragment => html`<nav class="people" aria-label="Act as">
  <span>Act as</span>
  ${everybody(slack).map(
    ({ key, user, workspace }) =>
      html`<a href="/inbox?as=${encodeURIComponent(key)}" ${key === person.key ? html`aria-current="true"` : ''}>${user.realName}${slack.workspaces().length > 1 ? ` · ${workspace.team.name}` : ''}</a>`,
  )}
</nav>`;

const conversation = (slack: Slack, person: Person): Fragment => {
  const seen = visible(slack, person);
  if (seen.length === 0) return html`<p class="empty">No messages for ${person.user.realName} yet.</p>`;
  return html`${seen
    .toReversed()
    .slice(0, SHOWN)
    .map((it) => messageCard(person, it))}
    ${seen.length > SHOWN ? html`<p class="empty">${seen.length - SHOWN} older ones are not shown.</p>` : ''}`;
};

const messageCard = (person: Person, it: Message): Fragment => {
  const { workspace } = person;
  const channel = workspace.channels.get(it.channelId)!;
  return html`<article class="card message ${it.ephemeralTo ? 'ephemeral' : ''}" id="m${it.ts}">
  <header>
    <h3>${workspace.app.name} <span class="app">APP</span></h3>
    <span class="channel">${channel.id.startsWith('D') ? 'direct message' : `#${channel.name}`}${it.threadTs ? ' · in a thread' : ''}${it.via === 'webhook' ? ' · webhook' : ''}</span>
    ${when(it.at)}
  </header>
  ${it.ephemeralTo ? html`<p class="note">Only visible to ${person.user.realName}</p>` : ''}
  <div class="blocks">${
    it.blocks.length > 0
      ? renderedBlocks(workspace, it.blocks, (blockId, button) => messageButton(person, it, blockId, button))
      : html`<div class="text">${mrkdwn(workspace, it.text)}</div>`
  }</div>
  ${it.edited ? html`<p class="note">(edited)</p>` : ''}
  ${it.unfurls.map(({ url, status }) => html`<p class="note">Slack's link preview ${status === undefined ? 'left alone' : `got ${status} from`} <code>${url}</code></p>`)}
</article>`;
};

const messageButton = ({ key }: Person, { ts }: Message, blockId: string, button: Button): Fragment => {
  const press = pressValue(blockId, button.action_id);
  const name = button.accessibility_label ?? button.text.text;
  if (button.confirm) {
    const query = new URLSearchParams({ as: key, confirm: ts, press });
    return html`<a class="button ${button.style ?? ''}" href="/inbox?${query.toString()}" aria-label="${name}">${button.text.text}</a>`;
  }
  return html`<form method="post" action="/inbox/click" ${button.url ? html`target="_blank"` : ''}>
    <input type="hidden" name="as" value="${key}"><input type="hidden" name="ts" value="${ts}">
    <button class="${button.style ?? ''}" name="press" value="${press}" aria-label="${name}">${button.text.text}${button.url ? ' ↗' : ''}</button>
  </form>`;
};
