import { html, raw } from 'hono/html';
import type { Block } from '../slack/block-kit/blocks.ts';
import type { InputElement } from '../slack/block-kit/elements.ts';
import { initial } from '../slack/form.ts';
import type { View, Workspace } from '../slack/slack.ts';
import { inputName } from './form.ts';
import { type Fragment, rendered } from './mrkdwn.ts';

type InputBlock = Extract<Block, { type: 'input' }>;

/** An input block of a modal, with what the user has entered and what is wrong with it. */
export const inputField = (workspace: Workspace, block: InputBlock, view: View): Fragment => {
  const { block_id, label, hint, optional, element } = block;
  const error = view.errors[block_id];
  const name = inputName(block_id);
  const chosen = [view.entered[block_id] ?? initial(element)].flat();
  const notes = `${error ? `${name}:error ` : ''}${hint ? `${name}:hint` : ''}`;
  const inner = html`
    ${field(workspace, element, { name, chosen, notes, invalid: error !== undefined })}
    ${error ? html`<p class="error" id="${name}:error">${error}</p>` : ''}
    ${hint ? html`<p class="hint" id="${name}:hint">${rendered(workspace, hint)}</p>` : ''}`;
  const title = html`${rendered(workspace, label)} ${optional ? html`<small>(optional)</small>` : ''}`;
  return element.type === 'radio_buttons' || element.type === 'checkboxes'
    ? html`<fieldset class="field"><legend>${title}</legend>${inner}</fieldset>`
    : html`<div class="field"><label for="${name}">${title}</label>${inner}</div>`;
};

type Field = { name: string; chosen: string[]; notes: string; invalid: boolean };

const field = (workspace: Workspace, element: InputElement, { name, chosen, notes, invalid }: Field): Fragment => {
  const state = html`name="${name}" aria-describedby="${notes}" ${invalid ? raw('aria-invalid="true"') : ''}`;
  if (element.type === 'plain_text_input') {
    const [value = ''] = chosen;
    const placeholder = element.placeholder?.text ?? '';
    // The line break right after the tag is HTML's, not the value's.
    return element.multiline
      ? html`<textarea id="${name}" ${state} rows="4" placeholder="${placeholder}">
${value}</textarea>`
      : html`<input id="${name}" ${state} value="${value}" placeholder="${placeholder}" autocomplete="off">`;
  }
  const options: {
    text: { type: 'plain_text' | 'mrkdwn'; text: string };
    value: string;
    description?: { text: string } | undefined;
  }[] = element.options;
  const isChosen = (value: string) => chosen.includes(value);
  if (element.type === 'static_select') {
    return html`<select id="${name}" ${state}>
      <option value="">${element.placeholder?.text ?? 'Select an option'}</option>
      ${options.map((it) => html`<option value="${it.value}" ${isChosen(it.value) ? raw('selected') : ''}>${it.text.text}</option>`)}
    </select>`;
  }
  const kind = element.type === 'checkboxes' ? 'checkbox' : 'radio';
  return html`${kind === 'checkbox' ? html`<input type="hidden" name="list:${name}" value=""><input type="hidden" name="${name}" value="">` : ''}
    ${options.map(
      (
        it,
      ) => html`<label class="choice"><input type="${kind}" ${state} value="${it.value}" ${isChosen(it.value) ? raw('checked') : ''}>
        <span>${rendered(workspace, it.text as Parameters<typeof rendered>[1])}${it.description ? html`<small>${it.description.text}</small>` : ''}</span></label>`,
    )}`;
};
