import { html } from 'hono/html';
import { findingsTold, type PlannedFinding } from '../../fleet/lint-findings.ts';
import { saidOf } from '../../migrations/lint/rules.ts';
import { visible } from './visible.ts';
import { count, type Html } from './words.ts';

/** Nobody reads more of one migration; `lockstep check` lists all. */
const MOST = 20;

/** What lint has found in one migration: what counts first, and then what its authors have excepted, and why. */
export const findingsList = (findings: PlannedFinding[] = []): Html | '' => {
  if (findings.length === 0) return '';
  const inOrder = findings.toSorted((a, b) => Number(Boolean(a.excepted)) - Number(Boolean(b.excepted)));
  return html`<ul class="findings" aria-label="Lint">
      ${inOrder.slice(0, MOST).map(item)}
      ${inOrder.length > MOST ? html`<li class="soft">and ${count(inOrder.length - MOST, 'more finding')}: lockstep check lists them</li>` : ''}
    </ul>`;
};

/** `Lint: 2 warnings, 1 excepted`; nothing where there is nothing to tell. */
export const lintTold = (findings: PlannedFinding[]): Html | '' => {
  const told = findingsTold(findings);
  return told === ''
    ? ''
    : html`<p class="lint"><strong>Lint:</strong> ${told}; each stands with its migration below.</p>`;
};

const item = (finding: PlannedFinding): Html => {
  const { rule, line, direction, severity, excepted } = finding;
  const { why, rewrite } = saidOf(finding);
  const place = `${direction === 'down' ? 'way back, ' : ''}line ${line}`;
  const label = excepted ? 'excepted' : severity;
  return html`<li class="${label}"><span class="tag">${label}</span> <strong>${place}</strong> ${visible(why)} <code>${visible(rule)}</code><br>
      <span class="soft">${excepted ? html`${BY[excepted.by]}: <q>${visible(excepted.reason)}</q>` : html`Safe: ${visible(rewrite)}`}</span></li>`;
};

const BY = {
  comment: 'Excepted in the file',
  'lint.json': 'Excepted in lint.json',
  environment: 'Excepted by this environment’s policy',
} as const;
