import { expect, it } from 'vitest';
import { requestMail } from '../../lib/approval/mail.ts';
import { headline } from '../../lib/approval/page/headline.ts';
import { migrationPage } from '../../lib/approval/page/migration-page.ts';
import { migrationsSection } from '../../lib/approval/page/migrations.ts';
import { planView } from '../../lib/approval/plan-view.ts';
import { questionBlocks } from '../../lib/approval/slack/blocks.ts';
import { summarize } from '../../lib/approval/summary.ts';
import { publicView } from '../../lib/approval/view.ts';
import { approvalsView, statementsView } from '../../lib/cli/approvals-view.ts';
import type { LintFindings } from '../../lib/fleet/lint-findings.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { inWavesOf } from '../fleet/samples.ts';
import { readable } from './readable.ts';
import { at, asked as request } from './request.ts';
import { shopBundle, shopFleet } from './sample.ts';

const of = { migration: '0044', file: '0044_drop_legacy_carts.sql', statement: 0, column: 1 };
const findings: LintFindings = [
  {
    ...{ ...of, rule: 'drop-cascade', severity: 'error', line: 2, of: 'legacy_carts' },
    excepted: { by: 'comment', reason: 'checked in <all> tenants' },
  },
  { ...of, rule: 'drop-table', severity: 'warning', line: 2, of: 'legacy_carts' },
];
const named = { service: 'shop', environment: 'production', digest: 'd', version: '1.0.0', policy: 'p', fleet: 'f' };
const planned = (findings: LintFindings) => {
  const { plan } = makePlan(shopBundle, shopFleet, { ...named, rollout: inWavesOf(1), findings });
  return { plan, bundle: shopBundle, previous: null };
};
const asked = planned(findings);

it('the page shows each finding with its migration, what counts before what is excepted, and why it is', () => {
  const text = readable(String(migrationsSection(asked)));
  const [warning, excepted] = [
    'warning line 2 drops legacy_carts with its data: code that still runs, of the release before, breaks where it names it drop-table',
    'excepted line 2 drops all that depends on legacy_carts, which is not said here and may differ from database to database drop-cascade',
  ];
  expect(text).toContain(warning);
  expect(text).toContain(`${excepted} Excepted in the file: checked in <all> tenants`);
  expect(text.indexOf(warning)).toBeLessThan(text.indexOf(excepted));
  expect(text).toContain('Safe: release code that does not name legacy_carts first');
});

it('a reason is text on the page, and nothing else', () => {
  expect(String(migrationsSection(asked))).not.toContain('<all>');
});

it('a migration that is shown on a page of its own has its findings there', () => {
  const page = String(migrationPage(request(), asked, '0044'));
  expect(readable(page)).toContain('warning line 2 drops legacy_carts');
});

it('the page counts findings at its head, and is silent where there are none', () => {
  expect(readable(String(headline(asked)))).toContain(
    'Lint: 1 warning, 1 excepted; each stands with its migration below.',
  );
  expect(String(headline(planned([])))).not.toContain('Lint');
});

it('a migration with very many findings shows the first of them and how many more there are', () => {
  const many = Array.from({ length: 30 }, (_, line) => ({ ...findings[1]!, line: line + 1 }));
  const text = readable(String(migrationsSection(planned(many))));
  expect(text).toContain('and 10 more findings: lockstep check lists them');
  expect(text).not.toContain('line 21 drops');
});

it('Slack and mail count findings', () => {
  const summary = summarize(asked.plan, asked.bundle);
  const link = 'https://approve.example/approvals/x';
  expect(JSON.stringify(questionBlocks(request(), { summary, previous: null, link }))).toContain(
    '*Lint*\\n1 warning, 1 excepted',
  );
  const { Message } = requestMail(request(), 'Ada', {
    summary,
    previous: null,
    link,
    reminder: false,
    now: at('09:00:00'),
  });
  expect(Message).toContain('\n  lint: 1 warning, 1 excepted\n');
});

it('the command line counts findings, and tells each with its migration', () => {
  const plan = planView(asked);
  expect(
    approvalsView([{ ...publicView(request(), at('09:00:00')), plan }], 'production', false, at('09:00:00')),
  ).toContain('\n  lint: 1 warning, 1 excepted\n');
  expect(statementsView(plan, 'd', false).split('\n')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ {6}warning drop-table, line 2: drops legacy_carts .*\. Safe: release code/),
      expect.stringMatching(/^ {6}excepted drop-cascade, line 2: .*\. Excepted by comment: checked in <all> tenants$/),
    ]),
  );
});
