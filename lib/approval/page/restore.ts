import { html } from 'hono/html';
import type { RestoreItem, RestorePlan } from '../../fleet/restore/plan.ts';
import { CAVEATS, outageOf, pointSentence, stepsOf } from '../../fleet/restore/steps.ts';
import { summarizeRestore } from '../summary.ts';
import { visible } from './visible.ts';
import { count, type Html } from './words.ts';

const MOST = { clusters: 40, databases: 6 };

/** What is gone back to, in a title and a sentence. */
export const restoreHeadline = (plan: RestorePlan): Html => {
  const { what } = summarizeRestore(plan);
  return html`<h1>${what.charAt(0).toUpperCase()}${visible(what.slice(1))}</h1>
    <p class="lead"><strong>What users notice.</strong> ${outageOf(plan)}</p>`;
};

/** What happens, in order, and with which clusters. */
export const restoreSections = (plan: RestorePlan): Html => {
  const more = plan.clusters.length - MOST.clusters;
  return html`<section aria-labelledby="steps">
    <h2 id="steps">What is done, cluster by cluster</h2>
    <ol>${stepsOf(plan).map((step) => html`<li>${step}</li>`)}</ol>
    <ul class="soft">${CAVEATS.map((it) => html`<li>${it}</li>`)}</ul>
  </section>
  <section aria-labelledby="clusters">
    <h2 id="clusters">Which clusters, from what</h2>
    <table>
      <thead><tr><th scope="col">Cluster</th><th scope="col">Restore point</th><th scope="col">New cluster</th>${plan.swap ? html`<th scope="col">The old one becomes</th>` : ''}<th scope="col">Databases</th></tr></thead>
      <tbody>
        ${plan.clusters.slice(0, MOST.clusters).map((it) => row(plan, it))}
        ${more > 0 ? html`<tr><td colspan="5" class="more">and ${count(more, 'more cluster')} like these</td></tr>` : ''}
      </tbody>
    </table>
  </section>`;
};

const row = (
  { swap }: RestorePlan,
  { cluster, point, restored, stands, kept, shape, databases }: RestoreItem,
): Html => {
  const more = databases.length - MOST.databases;
  const names = databases.slice(0, MOST.databases).map(({ database }) => visible(database));
  return html`<tr><th scope="row">${visible(cluster)}</th>
    <td>${visible(pointSentence(point))}</td>
    <td><code>${visible(restored)}</code>, ${stands ? 'made by an earlier restore and taken as it is' : visible(shape.instances.map((it) => it.class).join(', '))}</td>
    ${swap ? html`<td><code>${visible(kept)}</code></td>` : ''}
    <td>${names.join(', ')}${more > 0 ? html` <span class="more">and ${more.toLocaleString('en')} more</span>` : ''}</td></tr>`;
};
