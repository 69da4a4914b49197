import { html } from 'hono/html';
import type { Hold } from '../../ledger/hold.ts';
import { type Answer, type ApprovalRequest, answersTo, saidIn, standingVotes, votesFor } from '../../ledger/request.ts';
import { isExpired } from '../cast.ts';
import { hindrance, told } from './decision-panel.ts';
import { environmentField, hidden, reasonField } from './fields.ts';
import type { RequestView } from './request-page.ts';
import { visible } from './visible.ts';
import { type Html, instant, timeLeft } from './words.ts';

/** What the visitor can do with a rollout that is held, as it stands. */
export const holdPanel = (view: RequestView, hold: Hold): Html => {
  const { request, now, person } = view;
  if (request.outcome !== null) return html`<h2>Decided</h2>${told(view)}`;
  if (isExpired(request, now)) return html`<h2>Too late</h2><p>Nobody can decide on this any more.</p>`;
  if (person === null) return html`<h2>Waiting for a decision</h2>${standing(view)}${elsewhere(request, hold)}`;
  const own = standingVotes(request).find(({ by }) => by === person);
  return html`<h2>${own ? `You ${saidIn(own)}` : 'What becomes of it?'}</h2>
    ${standing(view)}
    ${ballot({ ...view, person }, hold, own !== undefined)}`;
};

const standing = ({
  request,
  now,
}: RequestView): Html => html`<p class="expiry"><strong>Expires in ${timeLeft(new Date(request.expiresAt).getTime() - now.getTime())}</strong><br><span class="soft">${instant(request.expiresAt)}; counts as abandoned then</span></p>
    ${request.quorum === 1 ? '' : html`<ul class="counts">${answersTo(request).together.map((answer) => html`<li>${answer}: <strong>${votesFor(request, answer).length} of ${request.quorum}</strong></li>`)}</ul>`}`;

/** Whoever has said something can take it back, or abandon after all: what ends the run needs no second thought of others. */
const ballot = (view: RequestView & { person: string }, hold: Hold, voted: boolean): Html => {
  const { request, person } = view;
  const why = hindrance(request, person);
  if (why === 'stranger') return html`<p>The policy names you no more: you can read this, but not decide.</p>`;
  const { together, alone } = answersTo(request);
  const offered = why === null && !voted ? together : [];
  return html`${voted ? html`<p>You can withdraw that until the decision is made, or abandon the run after all.</p>` : why === null ? '' : html`<div class="hint">${explained(request, hold, person, why)}</div>`}
    <form method="post" autocomplete="off">
      ${hidden(view)}
      ${environmentField(view, offered.length > 0 ? 'To decide, type' : voted ? 'To do either, type' : 'To abandon, type')}
      ${reasonField(view, 'needed to abandon')}
      <div class="buttons">
        ${offered.map((answer) => html`<button name="decision" value="${answer}" class="${answer === 'resume' ? 'approve' : 'reject'}">${LABELS[answer]} ${visible(request.environment)}</button>`)}
        ${voted ? html`<button name="decision" value="withdrawn" class="reject">Withdraw</button>` : ''}
        <button name="decision" value="${alone}" class="reject">Abandon</button>
      </div>
    </form>`;
};

const LABELS: Partial<Record<Answer, string>> = { resume: 'Resume in', revert: 'Revert in' };

const explained = (request: ApprovalRequest, hold: Hold, name: string, why: 'barred' | 'not asked' | 'low'): Html => {
  const rest = hold.canRevert ? 'resume or revert' : 'resume';
  if (why === 'low') {
    return html`<p><strong>To ${rest}, prove who you are.</strong> Whoever reads your mail has this link: it is enough to abandon only.</p>
      ${elsewhere(request, hold)}`;
  }
  return why === 'barred'
    ? html`<p>You can’t ${rest}, because you ${request.barred.find(({ person }) => person === name)?.because.replace(/^started/, 'have started') ?? ''}. Somebody else has to. You can abandon it.</p>`
    : html`<p>You are not among those who decide on ${request.risk}-risk plans here. You can abandon it.</p>`;
};

const elsewhere = ({ policy, environment, run }: ApprovalRequest, { canRevert }: Hold): Html => html`<ul class="ways">
      ${policy.slack?.mode === 'app' ? html`<li>In Slack: press <em>Resume</em> below the message about this hold</li>` : ''}
      <li>In a terminal, with your AWS credentials: ${['resume', ...(canRevert ? ['revert'] : []), 'abandon'].map((verb) => html`<code class="command">lockstep ${verb} ${visible(environment)} ${visible(run)}</code>`)}</li>
    </ul>`;
