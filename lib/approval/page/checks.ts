import { html } from 'hono/html';
import type { Check } from '../../migrations/bundle.ts';
import type { MigrationAsked } from '../what-is-asked.ts';
import { sqlListing } from './sql.ts';
import { visible } from './visible.ts';
import { count, type Html } from './words.ts';

/** Checks that are named, and characters of a query that are shown; the bundle has the rest. */
const MOST_CHECKS = 20;
const MOST_CHARACTERS = 2_000;

/** What must find no rows, before or after: it decides whether the run has failed. A revert runs none. */
export const checksSection = ({ plan, bundle: { verify = [] } }: MigrationAsked): Html | '' =>
  plan.direction === 'down' || verify.length === 0
    ? ''
    : html`<section aria-labelledby="checks">
    <h2 id="checks">What must find no rows</h2>
    ${verify.slice(0, MOST_CHECKS).map(details)}
    ${verify.length > MOST_CHECKS ? html`<p class="clipped">${count(verify.length - MOST_CHECKS, 'more check')} in the bundle.</p>` : ''}
  </section>`;

const details = ({
  file,
  when,
  sql,
}: Check): Html => html`<details class="inner"><summary><code>${visible(file)}</code> ${WHEN[when]}</summary>
    ${sqlListing(sql.slice(0, MOST_CHARACTERS).toWellFormed(), 1)}
    ${sql.length > MOST_CHARACTERS ? html`<p class="clipped">Cut here: ${MOST_CHARACTERS.toLocaleString('en')} of ${sql.length.toLocaleString('en')} characters.</p>` : ''}</details>`;

const WHEN = { before: 'before', after: 'after', both: 'before and after' };
