import { html } from 'hono/html';
import type { ApprovalRequest } from '../../ledger/request.ts';
import { isExpired } from '../cast.ts';
import type { Form } from '../form.ts';
import type { MigrationAsked, WhatIsAsked } from '../what-is-asked.ts';
import { checksSection } from './checks.ts';
import { decisionPanel } from './decision-panel.ts';
import { driftSection } from './drift.ts';
import { factsSection } from './facts.ts';
import { headline } from './headline.ts';
import { holdPage } from './hold-page.ts';
import { layout } from './layout.ts';
import { migrationsSection } from './migrations.ts';
import type { Notice } from './notice.ts';
import { outcomeBanner } from './outcome.ts';
import { peopleSection } from './people.ts';
import { previousSection } from './previous.ts';
import { restoreHeadline, restoreSections } from './restore.ts';
import { rolloutSection } from './rollout.ts';
import { visible } from './visible.ts';
import { count, type Html } from './words.ts';

export type RequestView = {
  request: ApprovalRequest;
  /** Whose link it is; null for one that is for reading. */
  person: string | null;
  now: Date;
  /** Null where the plan of a decided request is gone. */
  asked: WhatIsAsked | null;
  /** Of the page's form. */
  nonce: string;
  /** What became of the form that was just sent. */
  notice: Notice | null;
  /** What was typed into it, if it has to be put right. */
  typed: Form | null;
};

/** What approvers read before they decide, and after: where, what, how dangerous, in which order, every statement. */
export const requestPage = (view: RequestView): Html => {
  if (view.request.hold) return holdPage(view, view.request.hold);
  const { request, asked, person, notice, now } = view;
  const open = request.outcome === null && !isExpired(request, now);
  return layout({
    title: `${open ? '' : `${request.outcome?.decision ?? 'expired'}: `}${request.service} ${request.environment}`,
    environment: request.environment,
    service: request.service,
    aside: html`<p class="who">${person === null ? 'Reading along' : html`You are <strong>${visible(person)}</strong>`}${open ? html` <a class="jump" href="#decide">Decide</a>` : ''}</p>`,
    body: html`<main class="request">
      ${notice ? html`<div class="notice ${notice.kind}" role="${notice.kind === 'done' ? 'status' : 'alert'}"><p><strong>${notice.title}.</strong> ${visible(notice.text)}</p></div>` : ''}
      <div class="head">
        ${outcomeBanner(request, now)}
        <p class="kicker">Run <code>${visible(request.run)}</code></p>
        ${asked ? ('restore' in asked ? restoreHeadline(asked.restore) : headline(asked)) : html`<h1>What was decided</h1><p class="lead">The plan itself can’t be read any more.</p>`}
      </div>
      <div class="read">
        ${peopleSection(request)}
        ${factsSection(request, asked && 'plan' in asked ? asked.plan : null, asked && 'restore' in asked ? asked.restore : null)}
        ${asked ? ('restore' in asked ? restoreSections(asked.restore) : migrationSections(asked)) : ''}
      </div>
      <aside class="panel" id="decide" aria-label="Decision">${decisionPanel(view)}</aside>
    </main>
    <footer class="soft">Opening this page decides nothing. ${count(request.votes.length, 'decision')} so far. Lockstep</footer>`,
  });
};

const migrationSections = (asked: MigrationAsked): Html =>
  html`${driftSection(asked)} ${previousSection(asked)} ${migrationsSection(asked)} ${checksSection(asked)} ${rolloutSection(asked.plan)}`;
