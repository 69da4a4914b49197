import { html } from 'hono/html';
import type { ApprovalRequest } from '../../ledger/request.ts';
import type { Statement } from '../../migrations/bundle.ts';
import type { MigrationAsked } from '../what-is-asked.ts';
import { layout } from './layout.ts';
import { findingsList } from './lint.ts';
import { sqlOf } from './share-of-page.ts';
import { plainListing } from './sql.ts';
import { visible } from './visible.ts';
import { count, type Html, riskBadge } from './words.ts';

/** Bytes of a page that a Lambda can answer with, which is 6 MB, less what is around the SQL. */
const MOST_BYTES = 4_000_000;

/** One migration in full, for what the request's page has no room for; null where the plan has none of that id. */
export const migrationPage = (request: ApprovalRequest, { plan, bundle }: MigrationAsked, id: string): Html | null => {
  const planned = plan.migrations.find((it) => it.id === id);
  if (!planned) return null;
  const { statements } = sqlOf(plan, bundle, id);
  const { shown, cut } = fitting(statements);
  const whole = statements.reduce((sum, it) => sum + it.sql.length, 0);
  return layout({
    title: planned.file,
    environment: request.environment,
    service: request.service,
    body: html`<main class="alone wide">
      <p><a href="?">Back to the request</a></p>
      <h1><code>${visible(planned.file)}</code></h1>
      <p class="lead">${riskBadge(planned.risk)} ${visible(planned.reason)}. ${count(statements.length, 'statement')}, ${whole.toLocaleString('en')} characters.</p>
      ${findingsList(planned.findings)}
      ${shown.map(({ text, line }) => plainListing(text, line))}
      ${cut ? html`<p class="clipped">Cut here: a page holds no more. All of it is in the bundle, <code>bundles/${visible(plan.digest)}.json</code> in the environment’s bucket.</p>` : ''}
    </main>`,
  });
};

const fitting = (statements: Statement[]): { shown: { text: string; line: number }[]; cut: boolean } => {
  const shown: { text: string; line: number }[] = [];
  let room = MOST_BYTES;
  for (const { sql, line } of statements) {
    const cost = bytesOf(sql);
    if (cost > room) {
      // A character takes at most so many bytes, as a line of its own.
      const text = sql.slice(0, Math.floor(room / 24)).toWellFormed();
      return { shown: text === '' ? shown : [...shown, { text, line }], cut: true };
    }
    shown.push({ text: `${sql};`, line });
    room -= cost;
  }
  return { shown, cut: false };
};

/** What a statement comes to as markup: special characters are written as `&quot;` or `⟨U+202E⟩`, and each line is marked. */
const bytesOf = (sql: string): number =>
  Buffer.byteLength(visible(sql)) +
  5 * (sql.match(/["&'<>]/g)?.length ?? 0) +
  24 * (sql.match(/\n/g)?.length ?? 0) +
  60;
