import { html } from 'hono/html';
import type { Plan } from '../../fleet/plan.ts';
import type { ApprovalRequest } from '../../ledger/request.ts';
import { identify } from '../../policy/approval-policy.ts';
import { visible } from './visible.ts';
import { count, type Html, instant, listed, short } from './words.ts';

/** Who asks, since when, by which digests, and what one can go back to. */
export const factsSection = (
  request: ApprovalRequest,
  plan: Plan | null,
): Html => html`<section aria-labelledby="facts">
    <h2 id="facts">Who asks, for what</h2>
    <dl>
      <dt>Started by</dt><dd>${starter(request)}</dd>
      <dt>Claims to be</dt><dd><bdi>${visible(request.requestedBy)}</bdi> <span class="tag">claim, not proven</span></dd>
      ${request.authors.length > 0 ? html`<dt>Commits by</dt><dd>${visible(listed(request.authors))} <span class="tag">by CI’s word</span></dd>` : ''}
      <dt>Asked</dt><dd>${instant(request.createdAt)}</dd>
      <dt>Risk</dt><dd>${request.risk}, by the gravest statement</dd>
      ${plan ? html`<dt>Databases</dt><dd>${count(plan.databases.length, 'database')} in the fleet; every one was looked at, and is looked at again after the approval. If anything differs then, nothing is done.</dd>` : ''}
      ${plan?.unfit ? html`<dt>Left out</dt><dd>${count(plan.unfit.length, 'cluster')} that can’t be worked on: ${visible(listed(plan.unfit.slice(0, 20).map(({ cluster, problems }) => `${cluster} (${problems[0]})`)))}${plan.unfit.length > 20 ? ' …' : ''}</dd>` : ''}
      ${plan ? html`<dt>Way back</dt><dd>${wayBack[plan.restorePoint]}</dd>` : ''}
      <dt>Bundle</dt><dd>${short(request.digest)}</dd>
      <dt>${request.hold ? 'State' : 'Plan'}</dt><dd>${short(request.planDigest)} <span class="soft">what is ${request.hold ? 'decided on' : 'approved'} is exactly this</span></dd>
    </dl>
  </section>`;

const wayBack: Record<Plan['restorePoint'], string> = {
  snapshot: 'A snapshot of each cluster, taken and waited for before its first change',
  pointInTime: 'The moment before the first change in each cluster, in its continuous backups',
  clone: 'A clone of each cluster, made and waited for before its first change',
};

const starter = ({ policy, starter }: ApprovalRequest): Html => {
  if (starter === null)
    return html`unknown: started without announcing ${policy.fourEyes ? html`<span class="tag">one more approval needed</span>` : ''}`;
  const person = identify(policy, { channel: 'iam', arn: starter });
  return html`${person ? html`${visible(person.name)}, ` : ''}<code>${visible(starter)}</code> <span class="tag proven">proven by IAM</span>`;
};
