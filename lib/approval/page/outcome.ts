import { html } from 'hono/html';
import { type Answer, type ApprovalRequest, type Outcome, votesFor } from '../../ledger/request.ts';
import { isExpired } from '../cast.ts';
import { visible } from './visible.ts';
import { type Html, instant, listed } from './words.ts';

/** How a request has ended; nothing while it is open. */
export const outcomeBanner = (request: ApprovalRequest, now: Date): Html | '' => {
  const { outcome } = request;
  if (outcome === null && !isExpired(request, now)) return '';
  const decision = outcome?.decision ?? 'expired';
  return html`<div class="outcome ${decision}">
    <p class="word">${WORDS[decision]}</p>
    ${decision === 'expired' ? late(request) : decision === 'stopped' ? stopped(request) : words(request, decision)}
  </div>`;
};

const WORDS: Record<Outcome['decision'], string> = {
  approved: 'Approved',
  rejected: 'Rejected',
  resume: 'Resumed',
  revert: 'To be reverted',
  abandon: 'Abandoned',
  expired: 'Expired',
  stopped: 'Stopped',
};

const late = ({ expiresAt, hold }: ApprovalRequest): Html =>
  html`<p>Too late: nobody decided before ${instant(expiresAt)}, so the run ${hold ? 'is abandoned' : 'ends without having changed anything'}.</p>`;

const stopped = ({ outcome }: ApprovalRequest): Html =>
  html`<p>The run ended before anybody decided, ${instant(outcome?.at ?? '')}. Nobody waits for an answer.</p>`;

const words = (request: ApprovalRequest, decision: Answer): Html => {
  const votes = votesFor(request, decision);
  const alone = votes.find(({ breakGlass }) => breakGlass);
  return html`<p>${alone ? html`By ${visible(alone.by)} alone, who broke the glass` : html`By ${visible(listed(votes.map(({ by }) => by)))}`}, ${instant(request.outcome?.at ?? '')}</p>
    ${votes.map(({ reason }) => (reason === '' ? '' : html`<q>${visible(reason)}</q>`))}`;
};
