import { html } from 'hono/html';
import type { Block } from '../slack/block-kit/blocks.ts';
import type { Button } from '../slack/block-kit/elements.ts';
import type { View, Workspace } from '../slack/slack.ts';
import { inputField } from './input-field.ts';
import { type Fragment, rendered } from './mrkdwn.ts';

/** How a button of these blocks is pressed: by a form or link of its own in a message, within the modal's form there. */
export type ButtonOf = (blockId: string, button: Button) => Fragment;

/** Block Kit as Slack shows it. Images aren't loaded: the page loads nothing. */
export const renderedBlocks = (workspace: Workspace, blocks: Block[], buttonOf: ButtonOf, view?: View): Fragment =>
  blocks.map((block) => {
    switch (block.type) {
      case 'header':
        return html`<h4>${rendered(workspace, block.text)}</h4>`;
      case 'section':
        return html`<div class="section">
          <div>
            ${block.text ? html`<div class="text">${rendered(workspace, block.text)}</div>` : ''}
            ${block.fields ? html`<div class="fields">${block.fields.map((it) => html`<div class="text">${rendered(workspace, it)}</div>`)}</div>` : ''}
          </div>
          ${block.accessory ? accessory(block.block_id, block.accessory, buttonOf) : ''}
        </div>`;
      case 'context':
        return html`<div class="context">${block.elements.map((it) =>
          it.type === 'image' ? picture(it) : html`<span class="text">${rendered(workspace, it)}</span>`,
        )}</div>`;
      case 'divider':
        return html`<hr>`;
      case 'actions':
        return html`<div class="actions">${block.elements.map((it) => buttonOf(block.block_id, it))}</div>`;
      case 'image':
        return html`<p>${block.title ? html`<b>${rendered(workspace, block.title)}</b> ` : ''}${picture(block)}</p>`;
      default:
        return view ? inputField(workspace, block, view) : '';
    }
  });

type Accessory = NonNullable<Extract<Block, { type: 'section' }>['accessory']>;

const accessory = (blockId: string, it: Accessory, buttonOf: ButtonOf): Fragment =>
  it.type === 'image' ? picture(it) : buttonOf(blockId, it as Button);

const picture = ({ image_url, alt_text }: { image_url: string; alt_text: string }): Fragment =>
  html`<a class="picture" href="${image_url}" target="_blank" rel="noopener noreferrer">Image: ${alt_text}</a>`;
