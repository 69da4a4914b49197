import { html } from 'hono/html';
import { type ApprovalRequest, approvalsSoFar, standingVotes } from '../../ledger/request.ts';
import { identify } from '../../policy/approval-policy.ts';
import { isExpired } from '../cast.ts';
import { approveElsewhere, environmentField, hidden, reasonField, waysToDecide } from './fields.ts';
import type { RequestView } from './request-page.ts';
import { visible } from './visible.ts';
import { type Html, instant, timeLeft } from './words.ts';

/** What the visitor can do with the request as it stands, beside who else has a word in it. */
export const decisionPanel = (view: RequestView): Html => {
  const { request, now, person } = view;
  if (request.outcome !== null) return html`<h2>Decided</h2>${told(view)}`;
  if (isExpired(request, now)) return html`<h2>Too late</h2><p>Nobody can decide on this any more.</p>`;
  if (person === null) return html`<h2>Waiting for a decision</h2>${expiry(view)}${waysToDecide(request)}`;
  const own = standingVotes(request).find(({ by }) => by === person);
  return html`<h2>${own ? `You have ${own.decision}` : 'Your decision'}</h2>
    ${expiry(view)}
    ${own ? withdrawal(view) : ballot({ ...view, person })}`;
};

const expiry = ({
  request,
  now,
}: RequestView): Html => html`<p class="expiry"><strong>Expires in ${timeLeft(new Date(request.expiresAt).getTime() - now.getTime())}</strong><br><span class="soft">${instant(request.expiresAt)}; counts as a rejection then</span></p>
    <p class="expiry"><strong>${approvalsSoFar(request).length} of ${request.quorum}</strong> ${request.quorum === 1 ? 'approval' : 'approvals'}</p>`;

/** Why somebody's approval would not count, whatever they type; null where it would. */
export const hindrance = (
  request: ApprovalRequest,
  name: string,
): 'stranger' | 'barred' | 'not asked' | 'low' | null => {
  if (!identify(request.policy, { channel: 'mail', person: name })) return 'stranger';
  if (request.barred.some(({ person }) => person === name)) return 'barred';
  if (!request.approvers.includes(name)) return 'not asked';
  return request.policy.mailLinkIsEnough ? null : 'low';
};

const ballot = (view: RequestView & { person: string }): Html | '' => {
  const { request, person } = view;
  const why = hindrance(request, person);
  if (why === 'stranger') return html`<p>The policy names you no more: you can read this, but not decide.</p>`;
  return html`${why === null ? '' : html`<div class="hint">${explained(request, person, why)}</div>`}
    <form method="post" autocomplete="off">
      ${hidden(view)}
      ${environmentField(view, why === null ? 'To decide, type' : 'To reject, type')}
      ${reasonField(view)}
      <div class="buttons">
        ${why === null ? html`<button name="decision" value="approved" class="approve">Approve for ${visible(request.environment)}</button>` : ''}
        <button name="decision" value="rejected" class="reject">Reject</button>
      </div>
    </form>`;
};

const explained = (request: ApprovalRequest, name: string, why: 'barred' | 'not asked' | 'low'): Html => {
  if (why === 'low') return approveElsewhere(request);
  return why === 'barred'
    ? html`<p>You can’t approve this, because you ${request.barred.find(({ person }) => person === name)?.because.replace(/^started/, 'have started') ?? ''}. Somebody else has to. You can reject it.</p>`
    : html`<p>You are not among those who approve ${request.risk}-risk plans here. You can reject it.</p>`;
};

const withdrawal = (view: RequestView): Html => html`<p>You can withdraw that until the decision is made.</p>
    <form method="post" autocomplete="off">
      ${hidden(view)}
      ${environmentField(view, 'To withdraw, type')}
      <div class="buttons"><button name="decision" value="withdrawn" class="reject">Withdraw</button></div>
    </form>`;

export const told = (view: RequestView): Html =>
  view.request.deliveredAt === null && view.person !== null
    ? html`<form method="post">
      ${hidden(view)}
      <p>This holds, but it is not known that the run has heard of it.</p>
      <div class="buttons"><button name="decision" value="tell" class="reject">Tell the run again</button></div>
    </form>`
    : html`<p class="soft">${view.request.deliveredAt === null ? 'The run has not confirmed yet that it has heard of it.' : html`The run was told ${instant(view.request.deliveredAt)}.`}</p>`;
