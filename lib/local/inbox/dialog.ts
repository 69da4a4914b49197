import { html } from 'hono/html';
import { buttonsOf } from '../slack/block-kit/blocks.ts';
import type { Message, View } from '../slack/slack.ts';
import { renderedBlocks } from './blocks.ts';
import { type Person, pressOf, pressValue } from './form.ts';
import { type Fragment, rendered } from './mrkdwn.ts';

/** The modal that stands open before a user, as a form. */
export const modalDialog = ({ key, workspace }: Person, view: View, trouble: string | undefined): Fragment =>
  overlay(
    view.title.text,
    html`<form method="post" action="/inbox/submit" novalidate>
    <input type="hidden" name="as" value="${key}"><input type="hidden" name="view" value="${view.id}">
    ${trouble ? html`<p class="trouble" role="alert">⚠️ ${trouble}</p>` : ''}
    <div class="blocks">${renderedBlocks(
      workspace,
      view.blocks,
      (blockId, { text, style = '', action_id }) =>
        html`<button class="${style}" formaction="/inbox/click" name="press" value="${pressValue(blockId, action_id)}">${text.text}</button>`,
      view,
    )}</div>
    <div class="decide">
      ${view.submit ? html`<button class="primary">${view.submit.text}</button>` : ''}
      <button formaction="/inbox/close">${view.close?.text ?? 'Cancel'}</button>
    </div>
  </form>`,
  );

/** The question that a button asks before it does anything; nothing if there is no such button (any more). */
export const confirmDialog = (
  { key, workspace }: Person,
  message: Message | undefined,
  press: string,
): Fragment | undefined => {
  const named = pressOf(press);
  const found = buttonsOf(message?.blocks ?? []).find(
    ({ blockId, button }) => blockId === named?.blockId && button.action_id === named.actionId,
  );
  const confirm = found?.button.confirm;
  if (!message || !confirm) return undefined;
  return overlay(
    confirm.title.text,
    html`<div class="text">${rendered(workspace, confirm.text)}</div>
    <form method="post" action="/inbox/click" class="decide">
      <input type="hidden" name="as" value="${key}"><input type="hidden" name="ts" value="${message.ts}">
      <button class="${confirm.style ?? 'primary'}" name="press" value="${press}">${confirm.confirm.text}</button>
      <a class="button" href="/inbox?as=${encodeURIComponent(key)}">${confirm.deny.text}</a>
    </form>`,
  );
};

const overlay = (title: string, body: Fragment): Fragment => html`<div class="overlay">
  <div class="dialog" role="dialog" aria-modal="true" aria-labelledby="dialog">
    <h2 id="dialog">${title}</h2>
    ${body}
  </div>
</div>`;
