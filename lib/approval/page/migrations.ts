import { html } from 'hono/html';
import type { Plan } from '../../fleet/plan.ts';
import { factsOf } from '../../fleet/plan-facts.ts';
import type { Statement } from '../../migrations/bundle.ts';
import { type Risk, riskOf } from '../../policy/risk.ts';
import type { MigrationAsked } from '../what-is-asked.ts';
import { findingsList } from './lint.ts';
import { type Share, shareOut, shownMigrations, sqlOf } from './share-of-page.ts';
import { sqlListing } from './sql.ts';
import { visible } from './visible.ts';
import { count, duration, type Html, riskBadge } from './words.ts';

type Planned = Plan['migrations'][number];

/** Every migration with all its SQL, or a link to where it stands. */
export const migrationsSection = (asked: MigrationAsked): Html => {
  const { plan, bundle } = asked;
  const { shown, named } = shownMigrations(plan);
  const share = shareOut(plan, bundle, shown);
  return html`<section aria-labelledby="migrations">
    <h2 id="migrations">${plan.direction === 'up' ? 'What is run' : 'What is run to take them back, newest first'}</h2>
    ${shown.map((it) => migrationDetails(asked, it, share, it.risk !== 'low' || it.findings !== undefined || shown.length <= 4))}
    ${
      named.length > 0
        ? html`<details class="named"><summary>and ${count(named.length, 'more migration')} of no higher risk</summary>
      <ul>${named.map((it) => html`<li>${riskBadge(it.risk)} <a href="${pageOf(it.id)}"><code>${visible(it.file)}</code></a></li>`)}</ul></details>`
        : ''
    }
  </section>`;
};

const migrationDetails = (asked: MigrationAsked, it: Planned, share: Share, open: boolean): Html => {
  const { plan, bundle, previous } = asked;
  const { statements, opposite, downFile, losesRows } = sqlOf(plan, bundle, it.id);
  const facts = factsOf(plan, bundle);
  const before = previous?.migrations.find(({ id }) => id === it.id);
  const inside = html`<summary>
      <span class="file"><code>${visible(it.file)}</code></span>
      ${riskBadge(it.risk)}
      <span class="facts">${visible(it.reason)} · in ${count(it.databases, 'database')}${before ? ` · took ${duration(before.milliseconds)} in ${visible(previous?.environment ?? '')}` : ''}</span>
    </summary>
    <p class="soft">${
      it.mode === 'stepwise'
        ? 'Statement by statement, not in one transaction: can stop half-way, and then goes on where it stopped.'
        : 'In one transaction: all of it happens, or nothing.'
    }</p>
    ${losing(losesRows)}
    ${findingsList(it.findings)}
    ${statements.length === 0 ? html`<p>No statements.</p>` : statementListings(it.id, statements, share, (one) => riskOf([one], facts))}
    ${plan.direction === 'up' ? wayBack(it.id, opposite, downFile, share) : undone(it.id, opposite, share)}`;
  return open
    ? html`<details class="migration" open>${inside}</details>`
    : html`<details class="migration">${inside}</details>`;
};

/** What the row guard lets pass, since the file says so. */
const losing = (tables: string[]): Html | '' =>
  tables.length === 0
    ? ''
    : html`<p>May leave fewer rows in ${tables.map((it, at) => html`${at > 0 ? ', ' : ''}<code>${visible(it)}</code>`)}.</p>`;

const wayBack = (id: string, statements: Statement[], file: string | null, share: Share): Html =>
  file === null
    ? html`<p class="soft">No down file: Lockstep can't take this back.</p>`
    : html`<details class="inner"><summary>How it would be taken back: <code>${visible(file)}</code></summary>${statementListings(id, statements, share, null)}</details>`;

const undone = (id: string, statements: Statement[], share: Share): Html =>
  html`<details class="inner"><summary>What it takes back</summary>${statementListings(id, statements, share, null)}</details>`;

/** What is not run but shown is marked with no risk. */
type Judge = ((statement: Statement) => Risk) | null;

const statementListings = (id: string, statements: Statement[], share: Share, judge: Judge): Html => {
  const shown = statements.filter((it) => (share.get(it) ?? 0) > 0);
  const missing = statements.length - shown.length;
  return html`${shown.map((it) => listing(id, it, share.get(it)!, judge))}
    ${missing > 0 ? html`<p class="clipped">${count(missing, 'statement')} ${missing === 1 ? 'is' : 'are'} not shown here. ${wholeLink(id)}</p>` : ''}`;
};

const listing = (id: string, statement: Statement, characters: number, judge: Judge): Html => {
  const { sql } = statement;
  const cut = characters < sql.length;
  const judged = judge?.(statement);
  const text = cut ? sql.slice(0, characters).toWellFormed() : `${sql};`;
  return html`<figure class="${judged?.risk ?? ''}">
      ${judged && judged.risk !== 'low' ? html`<figcaption>${riskBadge(judged.risk)} ${visible(judged.reason)}</figcaption>` : ''}
      ${sqlListing(text, statement.line)}
      ${cut ? html`<p class="clipped">Cut here: ${characters.toLocaleString('en')} of ${sql.length.toLocaleString('en')} characters. ${wholeLink(id)}</p>` : ''}
    </figure>`;
};

const wholeLink = (id: string): Html => html`<a href="${pageOf(id)}">Read the whole migration</a>`;

const pageOf = (id: string): string => `?migration=${encodeURIComponent(id.toWellFormed())}`;
