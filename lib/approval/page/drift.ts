import { html } from 'hono/html';
import { inSentences } from '../../fleet/drift/planned.ts';
import type { MigrationAsked } from '../what-is-asked.ts';
import { visible } from './visible.ts';
import type { Html } from './words.ts';

/** What was changed in the fleet without a migration: what is approved was written without knowing of it. */
export const driftSection = ({ drift = [] }: MigrationAsked): Html | '' =>
  drift.length === 0
    ? ''
    : html`<section aria-labelledby="drift">
    <h2 id="drift">Drift</h2>
    <p>Not every database is as it should be. What follows was written for what should be there.</p>
    <ul>${inSentences(drift).map((it) => html`<li>${visible(it)}.</li>`)}</ul>
  </section>`;
