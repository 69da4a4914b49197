import { html } from 'hono/html';
import { type ApprovalRequest, answersTo, saidIn, standingVotes, type Vote, votesFor } from '../../ledger/request.ts';
import { visible } from './visible.ts';
import { count, type Html, instant, listed } from './words.ts';

/** How many have to approve, who has said what and how they proved who they are, and who can't. */
export const peopleSection = (request: ApprovalRequest): Html => {
  const { quorum, approvers, barred, votes } = request;
  const standing = standingVotes(request);
  const silent = approvers.filter((name) => !standing.some(({ by }) => by === name));
  const withdrawn = votes.filter(({ withdrawnAt }) => withdrawnAt !== undefined);
  return html`<section aria-labelledby="approvals">
    <h2 id="approvals">${request.hold ? 'Who has said what' : 'Approvals'}</h2>
    ${answersTo(request).together.map((answer) => html`<p><strong>${votesFor(request, answer).length} of ${quorum}</strong> <span class="soft">${quorum === 1 ? 'person has to' : 'different people have to'} ${answer === 'approved' ? 'approve' : `say ${answer}`}</span></p>`)}
    ${request.hold ? html`<p><strong>1</strong> <span class="soft">is enough to abandon it</span></p>` : ''}
    <ul class="people">
      ${standing.map((vote) => html`<li class="${vote.decision}"><strong>${visible(vote.by)}</strong> ${saidIn(vote)} ${instant(vote.at)}<br><span class="soft">${proof(vote)}</span>${vote.reason === '' ? '' : html`<q>${visible(vote.reason)}</q>`}</li>`)}
      ${request.outcome === null && silent.length > 0 ? html`<li class="silent">${visible(listed(silent, 'or'))} can ${standing.length > 0 ? 'still ' : ''}decide</li>` : ''}
      ${withdrawn.map((vote) => html`<li class="silent">${visible(vote.by)} ${saidIn(vote)}, and withdrew that ${instant(vote.withdrawnAt ?? '')}</li>`)}
      ${barred.map(({ person, because }) => html`<li class="barred"><strong>${visible(person)}</strong> ${request.hold ? 'can only abandon it' : 'can’t approve'}: ${visible(because)}</li>`)}
    </ul>
    ${standing.some(({ breakGlass }) => breakGlass) ? html`<p class="soft">The glass was broken: one person alone has let this go ahead.</p>` : ''}
    ${request.starter === null && request.policy.fourEyes ? html`<p class="soft">That is one more than usual, because it is not known who started the run: ${count(quorum - 1, request.hold ? 'voice' : 'approval')} would do otherwise.</p>` : ''}
  </section>`;
};

const proof = ({ channel, assurance, identity }: Vote): string =>
  `${{ mail: 'by a link in a mail', slack: 'in Slack', iam: 'by IAM' }[channel]}, ${assurance} assurance: ${visible(identity)}`;
