import { html } from 'hono/html';
import type { Hold } from '../../ledger/hold.ts';
import { type ApprovalRequest, answersTo } from '../../ledger/request.ts';
import { isExpired } from '../cast.ts';
import { consequence, noWayBack, placeOf, rank, tally, totals, when } from '../hold-words.ts';
import { factsSection } from './facts.ts';
import { holdPanel } from './hold-panel.ts';
import { layout } from './layout.ts';
import { outcomeBanner } from './outcome.ts';
import { peopleSection } from './people.ts';
import type { RequestView } from './request-page.ts';
import { visible } from './visible.ts';
import { count, type Html } from './words.ts';

const MOST_WAVES = 40;

/** What people read before they say what becomes of a rollout that is held, and after: why, how far it came, what failed. */
export const holdPage = (view: RequestView, hold: Hold): Html => {
  const { request, person, notice, now } = view;
  const open = request.outcome === null && !isExpired(request, now);
  return layout({
    title: `${open ? 'Held' : (request.outcome?.decision ?? 'expired')}: ${request.service} ${request.environment}`,
    environment: request.environment,
    service: request.service,
    aside: html`<p class="who">${person === null ? 'Reading along' : html`You are <strong>${visible(person)}</strong>`}${open ? html` <a class="jump" href="#decide">Decide</a>` : ''}</p>`,
    body: html`<main class="request">
      ${notice ? html`<div class="notice ${notice.kind}" role="${notice.kind === 'done' ? 'status' : 'alert'}"><p><strong>${notice.title}.</strong> ${visible(notice.text)}</p></div>` : ''}
      <div class="head">
        ${outcomeBanner(request, now)}
        <p class="kicker">Run <code>${visible(request.run)}</code>, hold ${hold.number}</p>
        <h1>The rollout is held ${when(hold)}</h1>
        <p class="lead why">${visible(hold.reason)}</p>
        <p><strong>So far:</strong> ${tally(hold) === '' ? 'nothing was begun' : visible(tally(hold))}. What was under way has ended${open ? '; nothing new begins before somebody decides' : ''}.</p>
      </div>
      <div class="read">
        ${choices(request, hold)}
        ${hold.failures.length > 0 ? failures(hold) : ''}
        ${wavesSoFar(hold)}
        ${peopleSection(request)}
        ${factsSection(request, null)}
      </div>
      <aside class="panel" id="decide" aria-label="Decision">${holdPanel(view, hold)}</aside>
    </main>
    <footer class="soft">Opening this page decides nothing. ${count(request.votes.length, 'decision')} so far. Lockstep</footer>`,
  });
};

const choices = (request: ApprovalRequest, hold: Hold): Html => {
  const { together, alone } = answersTo(request);
  return html`<section aria-labelledby="choices">
    <h2 id="choices">What each answer does</h2>
    <dl>
      ${[...together, alone].map((answer) => html`<dt>${answer.charAt(0).toUpperCase()}${answer.slice(1)}</dt><dd>${consequence(hold, answer) ?? ''}</dd>`)}
      ${hold.canRevert ? '' : html`<dt>Revert</dt><dd>${visible(noWayBack(hold))}</dd>`}
    </dl>
  </section>`;
};

const failures = ({ failures, moreFailures }: Hold): Html => html`<section aria-labelledby="failures">
    <h2 id="failures">What failed</h2>
    <ul class="failures">${failures.map(
      (
        it,
      ) => html`<li><strong>${visible(it.cluster)}/${visible(it.database)}</strong> <span class="tag">${visible(it.verdict)}</span>${placeOf(it) === '' ? '' : html` <code>${visible(placeOf(it))}</code>`}
        <pre class="message" tabindex="0">${visible(it.message)}${it.sqlstate === '' ? '' : visible(` (SQLSTATE ${it.sqlstate})`)}</pre></li>`,
    )}</ul>
    ${moreFailures > 0 ? html`<p class="more">and ${count(moreFailures, 'more database')} that failed. The run’s report lists all of them.</p>` : ''}
  </section>`;

const wavesSoFar = (hold: Hold): Html => {
  const { verdicts } = totals(hold);
  const columns = Object.keys(verdicts).toSorted((a, b) => rank(a) - rank(b));
  const shown = hold.waves.slice(0, MOST_WAVES);
  const rest = hold.waves.slice(MOST_WAVES);
  const begun = (wave: Hold['waves'][number]) => Object.values(wave.verdicts).reduce((sum, it) => sum + it, 0);
  return html`<section aria-labelledby="waves">
    <h2 id="waves">The waves so far</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="waves"><table class="waves">
      <thead><tr><th scope="col">Wave</th><th scope="col" class="number">Databases</th>${columns.map((it) => html`<th scope="col" class="number">${visible(it)}</th>`)}<th scope="col" class="number">not begun</th></tr></thead>
      <tbody>${shown.map(
        (wave) =>
          html`<tr><th scope="row">${wave.wave}${wave.wave === hold.wave ? html` <span class="tag">held after it</span>` : ''}</th><td class="number">${wave.databases.toLocaleString('en')}</td>${columns.map((it) => html`<td class="number">${(wave.verdicts[it] ?? 0).toLocaleString('en')}</td>`)}<td class="number">${(wave.databases - begun(wave)).toLocaleString('en')}</td></tr>`,
      )}
      ${
        rest.length > 0
          ? html`<tr><td colspan="${columns.length + 3}" class="more">and ${count(rest.length, 'more wave')} with ${count(
              rest.reduce((sum, it) => sum + it.databases, 0),
              'database',
            )}</td></tr>`
          : ''
      }</tbody>
    </table></div>
  </section>`;
};
