import { html } from 'hono/html';
import { type Summary, summarize } from '../summary.ts';
import type { MigrationAsked } from '../what-is-asked.ts';
import { lintTold } from './lint.ts';
import { visible } from './visible.ts';
import { count, type Html, riskBadge } from './words.ts';

/** What changes, in a title, a sentence and three numbers. */
export const headline = ({ plan, bundle }: MigrationAsked): Html => {
  const { what, counts, worst, waves } = summarize(plan, bundle);
  const gravest = worst
    ? html`The gravest statement, in line ${worst.line} of <code>${visible(worst.file)}</code>, ${worst.reason}.`
    : 'No statement of it looks more than low risk.';
  const from =
    plan.revert === null
      ? ''
      : html`What run <code>${visible(plan.revert)}</code> applied is taken back, newest first. `;
  return html`<h1>${what.charAt(0).toUpperCase()}${what.slice(1)}</h1>
    <p class="lead">${from}${gravest} It goes out in ${count(waves, 'wave')}.</p>
    ${riskCounts(counts)}
    ${lintTold(plan.migrations.flatMap(({ findings = [] }) => findings))}`;
};

const riskCounts = (counts: Summary['counts']): Html =>
  html`<ul class="risks" aria-label="Migrations by risk">${(['high', 'medium', 'low'] as const).map((risk) =>
    counts[risk] === 0 ? '' : html`<li><strong>${counts[risk].toLocaleString('en')}</strong> ${riskBadge(risk)}</li>`,
  )}</ul>`;
