import { html } from 'hono/html';
import type { MigrationAsked } from '../what-is-asked.ts';
import { visible } from './visible.ts';
import { duration, type Html, instant, listed } from './words.ts';

const MOST_ROWS = 20;

/** What the same bundle did in the environment before this one: when, for whom, and how long each migration took. */
export const previousSection = ({ previous, plan: { migrations, path } }: MigrationAsked): Html => {
  if (!previous) return unknown;
  const planned = new Map(migrations.map(({ id, file }) => [id, file]));
  const known = previous.migrations.filter(({ id }) => planned.has(id));
  const slowest = known.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, MOST_ROWS);
  // What that run found there already has no time: it may well have run before.
  const unseen = migrations.length - known.length;
  return html`<section aria-labelledby="previous">
    <h2 id="previous">How it went in ${visible(previous.environment)}</h2>
    ${path === undefined ? '' : html`<p>It came here by the path <strong>${visible(path)}</strong>.</p>`}
    <p>Done ${instant(previous.endedAt)}, with ${duration(previous.milliseconds)} of work in all databases together. Asked for by ${visible(previous.requestedBy)}, ${previous.approvedBy.length > 0 ? `approved by ${visible(listed(previous.approvedBy))}` : 'approved by nobody'}; run <code>${visible(previous.run)}</code>.</p>
    ${
      slowest.length > 0
        ? html`<table>
      <thead><tr><th scope="col">Migration</th><th scope="col" class="number">Longest there</th></tr></thead>
      <tbody>${slowest.map(({ id, milliseconds }) => html`<tr><th scope="row"><code>${visible(planned.get(id) ?? id)}</code></th><td class="number">${duration(milliseconds)}</td></tr>`)}
      ${known.length > slowest.length ? html`<tr><td colspan="2" class="more">and ${known.length - slowest.length} that were faster</td></tr>` : ''}</tbody>
    </table>`
        : ''
    }
    ${
      known.length > 0 && unseen > 0
        ? html`<p class="soft">How long ${unseen === 1 ? 'the other one' : `the other ${unseen}`} of this plan took there is not known.</p>`
        : ''
    }
  </section>`;
};

const unknown = html`<section aria-labelledby="previous">
    <h2 id="previous">How it went before</h2>
    <p class="soft">Nothing is known of an environment before this one.</p>
  </section>`;
