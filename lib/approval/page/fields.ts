import { html } from 'hono/html';
import type { ApprovalRequest } from '../../ledger/request.ts';
import { MOST_REASON } from '../form.ts';
import type { RequestView } from './request-page.ts';
import { visible } from './visible.ts';
import type { Html } from './words.ts';

export const hidden = ({ nonce }: RequestView): Html => html`<input type="hidden" name="nonce" value="${nonce}">`;

/** Whoever types the name has read it; nothing fills it in for them. */
export const environmentField = ({ request, notice, typed }: RequestView, why: string): Html => {
  const wrong = notice?.field === 'environment';
  return html`<div class="field ${wrong ? 'wrong' : ''}">
      <label for="environment">${why} <strong class="env">${visible(request.environment)}</strong></label>
      <input id="environment" name="environment" value="${wrong ? '' : visible(typed?.environment ?? '')}" required maxlength="100" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" ${wrong ? invalid : ''}>
      ${wrong ? html`<p class="error" id="wrong">${visible(notice.text)}</p>` : ''}
    </div>`;
};

export const reasonField = ({ notice, typed }: RequestView, needed = 'needed to reject'): Html => {
  const wrong = notice?.field === 'reason';
  return html`<div class="field ${wrong ? 'wrong' : ''}">
      <label for="reason">Reason <span class="soft">${needed}</span></label>
      <textarea id="reason" name="reason" rows="2" maxlength="${MOST_REASON}" ${wrong ? invalid : ''}>${typed?.reason ?? ''}</textarea>
      ${wrong ? html`<p class="error" id="wrong">${visible(notice.text)}</p>` : ''}
    </div>`;
};

/** Where a link in a mail is not proof enough. */
export const approveElsewhere = (
  request: ApprovalRequest,
): Html => html`<p><strong>To approve, prove who you are.</strong> Whoever reads your mail has this link: it is enough to reject only.</p>
    ${waysToDecide(request)}`;

/** How one decides other than by a link of one's own. */
export const waysToDecide = ({ policy, environment, run }: ApprovalRequest): Html => html`<ul class="ways">
      ${policy.slack?.mode === 'app' ? html`<li>In Slack: press <em>Approve</em> below the message about this run</li>` : ''}
      <li>In a terminal, with your AWS credentials: <code class="command">lockstep approve ${visible(environment)} ${visible(run)}</code></li>
    </ul>`;

/** Where the cursor waits on the page that says what is wrong. */
const invalid = html`aria-invalid="true" aria-describedby="wrong" autofocus`;
