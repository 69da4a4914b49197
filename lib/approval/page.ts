import { html, raw } from 'hono/html';
import type { Plan } from '../fleet/plan.ts';
import { type Approval, type Decision, nonceOf } from '../ledger/approvals.ts';
import type { Bundle } from '../migrations/bundle.ts';
import type { Delivery } from './deliver.ts';
import { style } from './style.ts';

/** What approvers read before they decide: where, what, how dangerous, in which order, every statement. */
export const requestPage = (approval: Approval, plan: Plan, bundle: Bundle) =>
  page(
    `${plan.service} · ${plan.environment}`,
    plan.environment,
    html`
      <p class="lead"><strong>${visible(approval.requestedBy)}</strong> asks to ${plan.revert === null ? 'bring' : 'take back'} ${plan.migrations.length} migration${s(plan.migrations.length)} ${plan.revert === null ? 'to' : 'in'}
        ${behind(plan).length} database${s(behind(plan).length)}${plan.revert === null ? '' : html`: what run <code>${plan.revert}</code> applied, newest first`}. A snapshot of each cluster is taken before its first change.</p>
      <dl>
        <dt>Run</dt><dd>${approval.run}</dd>
        <dt>Bundle</dt><dd><code>${plan.digest}</code></dd>
        <dt>Plan</dt><dd><code>${approval.planDigest}</code></dd>
        <dt>Decide before</dt><dd><time datetime="${approval.expiresAt}">${readable(approval.expiresAt)}</time></dd>
      </dl>
      <h2>Databases, wave by wave</h2>
      <table>
        <thead><tr><th scope="col">Wave</th><th scope="col">Cluster</th><th scope="col">Database</th><th scope="col">Has</th><th scope="col">${plan.revert === null ? 'Pending' : 'Taken back'}</th></tr></thead>
        <tbody>${plan.databases.map(
          (it) => html`<tr>
            <td>${it.wave ?? '–'}</td><td>${it.cluster}</td><td>${it.database}</td>
            <td>${it.applied}</td><td>${it.pending.length === 0 ? 'nothing' : span(it.pending)}</td>
          </tr>`,
        )}</tbody>
      </table>
      <h2>Migrations</h2>
      ${plan.migrations.map((it) => {
        const migration = bundle.migrations.find(({ id }) => id === it.id);
        const statements = (plan.revert === null ? migration?.up : migration?.down?.statements) ?? [];
        return html`<details ${it.risk === 'low' ? '' : raw('open')}>
          <summary><span class="risk ${it.risk}">${it.risk}</span> <code>${visible(it.file)}</code>
            <small>${it.reason}${it.mode === 'stepwise' ? '; statement by statement, outside a transaction' : ''}</small></summary>
          ${statements.length === 0 ? html`<p>No statements.</p>` : ''}
          ${statements.map((statement) => html`<figure><figcaption>line ${statement.line}</figcaption><pre><code>${visible(statement.sql)};</code></pre></figure>`)}
        </details>`;
      })}
      <form method="post">
        <input type="hidden" name="nonce" value="${nonceOf(approval)}">
        <label for="by">Your name</label>
        <input id="by" name="by" required maxlength="100" autocomplete="name">
        <label for="reason">Reason <small>(needed to reject)</small></label>
        <textarea id="reason" name="reason" rows="2" maxlength="1000"></textarea>
        <div class="decide">
          <button name="decision" value="approved" class="approve">Approve for ${plan.environment}</button>
          <button name="decision" value="rejected" class="reject">Reject</button>
        </div>
      </form>`,
  );

/** After a decision, and whenever somebody comes late. */
export const decidedPage = (
  plan: Plan,
  approval: Approval,
  decision: Decision,
  delivery: Delivery | 'not sent',
  own = false,
) =>
  page(
    `${plan.service} · ${plan.environment}: ${decision.decision}`,
    plan.environment,
    html`<p class="lead">${own ? 'Recorded' : 'Already decided'}: <strong>${decision.decision}</strong> by ${visible(decision.by)}, ${readable(decision.at)}.</p>
      ${decision.reason === '' ? '' : html`<blockquote>${decision.reason}</blockquote>`}
      ${delivery === 'sent' ? html`<p>${decision.decision === 'approved' ? 'The run goes on.' : 'The run ends without having changed anything.'}</p>` : ''}
      ${delivery === 'not waited for' ? html`<p>The run is not waiting for this decision: it has been told before, has ended, or has asked again in a newer message.</p>` : ''}
      ${
        delivery === 'not sent'
          ? html`<form method="post">
        <input type="hidden" name="nonce" value="${nonceOf(approval)}">
        <p>This decision holds. Should the run not have heard of it, tell it again.</p>
        <div class="decide"><button class="reject">Send the decision again</button></div>
      </form>`
          : ''
      }`,
  );

/** For links that lead nowhere, requests that are over, and forms that are not right. */
export const problemPage = (title: string, text: string) => page(title, '', html`<p class="lead">${text}</p>`);

const page = (title: string, environment: string, body: unknown) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title} – Lockstep</title>
    <style>${raw(style)}</style>
  </head>
  <body class="${environment === 'production' ? 'production' : ''}">
    <header><span>Lockstep</span></header>
    <main><h1>${title}</h1>${body}</main>
  </body>
</html>`;

/** What a browser would hide or take for an order to show text the other way round, spelled out: one approves what one sees. */
const visible = (text: string): string =>
  text.replace(
    /[\p{Cf}\p{Zl}\p{Zp}]/gu,
    (it) => `⟨U+${it.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );

const behind = (plan: Plan) => plan.databases.filter(({ pending }) => pending.length > 0);

const span = (ids: string[]) => (ids.length === 1 ? ids[0] : `${ids[0]} – ${ids.at(-1)} (${ids.length})`);

const readable = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

const s = (count: number) => (count === 1 ? '' : 's');
