import { html } from 'hono/html';
import type { Plan } from '../../fleet/plan.ts';
import { type Group, rolloutOf, type Wave } from './rollout-groups.ts';
import { visible } from './visible.ts';
import { count, type Html } from './words.ts';

const MOST = { waves: 12, groups: 8, clusters: 5, databases: 6, migrations: 6 };

/** Which database gets what, and when; alike ones are told together, however many there are. */
export const rolloutSection = (plan: Plan): Html => {
  const { waves, untouched } = rolloutOf(plan);
  const shown = waves.slice(0, MOST.waves);
  const rest = waves.slice(MOST.waves);
  return html`<section aria-labelledby="rollout">
    <h2 id="rollout">Where, wave by wave</h2>
    <p class="soft">One wave after another. Before the first change in a cluster, ${wayBack[plan.restorePoint]}: without it, no SQL is run there.</p>
    ${(plan.rollout.unmatched ?? []).map((it) => html`<p><strong>${visible(it)}.</strong></p>`)}
    ${shown.map((wave, index) => waveDetails(plan, wave, waves.length <= 3 || index === 0))}
    ${rest.length > 0 ? html`<p class="more">and ${count(rest.length, 'more wave')} like these, with ${count(sum(rest, 'databases'), 'database')} in ${count(sum(rest, 'clusters'), 'cluster')}.</p>` : ''}
    ${untouched > 0 ? html`<p class="soft">${count(untouched, 'more database')} ${untouched === 1 ? 'has' : 'have'} everything already and ${untouched === 1 ? 'is' : 'are'} left alone.</p>` : ''}
  </section>`;
};

const wayBack: Record<Plan['restorePoint'], string> = {
  snapshot: 'a snapshot of it is taken and waited for',
  pointInTime: 'the moment is noted to which its continuous backups can take it back',
  clone: 'a clone of it is made and waited for',
};

const waveDetails = (plan: Plan, { wave, groups, clusters, databases }: Wave, open: boolean): Html => {
  const rest = groups.slice(MOST.groups);
  const inside = html`<summary><strong>Wave ${wave}</strong> <span class="soft">${count(databases, 'database')} in ${count(clusters, 'cluster')}</span></summary>
    ${groups.slice(0, MOST.groups).map((group) => groupTable(plan, group))}
    ${rest.length > 0 ? html`<p class="more">and ${count(sum(rest, 'databases'), 'database')} with ${count(rest.length, 'other selection')} of these migrations.</p>` : ''}`;
  return open ? html`<details open>${inside}</details>` : html`<details>${inside}</details>`;
};

const groupTable = (plan: Plan, { pending, databases, clusters }: Group): Html => {
  const hidden = clusters.slice(MOST.clusters);
  const more = hidden.flatMap((it) => it.databases).length;
  return html`<table class="group">
      <caption>${count(databases, 'database')} ${verb(plan, databases)} ${what(plan, pending)}</caption>
      <thead><tr><th scope="col">Cluster</th><th scope="col">Databases</th></tr></thead>
      <tbody>
        ${clusters.slice(0, MOST.clusters).map((it) => html`<tr><th scope="row">${visible(it.cluster)}</th><td>${names(it.databases)}</td></tr>`)}
        ${more > 0 ? html`<tr><td colspan="2" class="more">and ${more.toLocaleString('en')} more like these, in ${count(hidden.length, 'more cluster')}</td></tr>` : ''}
      </tbody>
    </table>`;
};

const verb = ({ direction }: Plan, databases: number): string => {
  if (direction === 'up') return databases === 1 ? 'gets' : 'get';
  return databases === 1 ? 'gives back' : 'give back';
};

const names = (databases: string[]): Html => {
  const more = databases.length - MOST.databases;
  return html`${databases.slice(0, MOST.databases).map(visible).join(', ')}${more > 0 ? html` <span class="more">and ${more.toLocaleString('en')} more</span>` : ''}`;
};

const what = ({ migrations }: Plan, pending: string[]): Html => {
  if (pending.length === migrations.length && pending.length > 1) return html`all ${pending.length} migrations`;
  const more = pending.length - MOST.migrations;
  return html`${pending.length === 1 ? 'migration' : 'migrations'} <code>${pending.slice(0, MOST.migrations).map(visible).join(', ')}</code>${more > 0 ? ` and ${more} more` : ''}`;
};

const sum = <Key extends string>(all: Record<Key, number>[], key: Key): number =>
  all.reduce((total, it) => total + it[key], 0);
