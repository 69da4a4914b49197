import { expect, it } from 'vitest';
import { planView } from '../../lib/approval/plan-view.ts';
import { publicView } from '../../lib/approval/view.ts';
import { approvalsView, statementsView } from '../../lib/cli/approvals-view.ts';
import { refusal } from '../../lib/cli/endpoint.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { Vote } from '../../lib/ledger/request.ts';
import { asked, at } from '../approval/request.ts';
import { beforehand, shopBundle, shopFleet } from '../approval/sample.ts';
import { inWavesOf } from '../fleet/samples.ts';

const named = { service: 'shop', environment: 'production', digest: 'd', version: '1.0.0' };
const { plan } = makePlan(shopBundle, shopFleet, { ...named, rollout: inWavesOf(1), policy: 'p', fleet: 'f' });
const shop = planView({ plan, bundle: shopBundle, previous: beforehand });
const view = (it: Parameters<typeof asked>[0] = {}, of: typeof shop | null = shop) =>
  approvalsView([{ ...publicView(asked(it), at('09:30:00')), plan: of }], 'production', false, at('09:30:00'));

const vote: Vote = {
  ...{ decision: 'approved', by: 'Ada', reason: 'read it', at: '2026-01-05T09:10:00.000Z' },
  ...{ channel: 'slack', assurance: 'high', identity: 'slack T0001/UADA0001' },
};

it('tells what is asked, how it went before, until when, and who has said what by which proof', () => {
  expect(view({ votes: [vote], quorum: 2, risk: 'high' })).toBe(
    [
      `waiting   run-1  high risk, plan ${'b'.repeat(12)}`,
      '  to bring 4 migrations to 6 databases in 3 clusters, in 3 waves: 1 high risk, 1 medium risk, 2 low risk',
      '  most dangerous: 0044_drop_legacy_carts.sql line 2, drops a table, schema or type with what it holds',
      '  in staging: 1 min 24 s of work, done 2026-01-04 17:03:11Z for ci',
      '  started by arn:aws:sts::123456789012:assumed-role/Ci/job',
      '  1 of 2 approvals, of Ada, Berta, Cleo; expires in 30 min, at 2026-01-05 10:00:00Z',
      '  2026-01-05 09:10:00Z  Ada approved by Slack (high assurance, slack T0001/UADA0001): read it',
    ].join('\n'),
  );
});

it('tells of what is decided who decided it', () => {
  const outcome = { decision: 'approved' as const, at: vote.at };
  expect(
    view({ votes: [vote], outcome }, null)
      .split('\n')
      .slice(1),
  ).toEqual([
    '  approved by Ada',
    '  2026-01-05 09:10:00Z  Ada approved by Slack (high assurance, slack T0001/UADA0001): read it',
  ]);
});

it('tells of what a stopped run had asked that nobody has to answer it', () => {
  const outcome = { decision: 'stopped' as const, at: vote.at };
  expect(view({ outcome }, null).split('\n')).toEqual([
    expect.stringMatching(/^stopped {3}run-1 /),
    '  closed: the run ended before anybody decided',
  ]);
});

it('shows every statement with its line in the file and its risk', () => {
  const lines = statementsView(shop, 'd', false).split('\n');
  const at = lines.indexOf('0044_drop_legacy_carts.sql  high risk, in 6 databases');
  expect(lines.slice(at + 1, at + 4)).toEqual([
    "    1 COMMENT ON TABLE carts IS 'superseded by baskets';",
    '      high risk: drops a table, schema or type with what it holds',
    '    2 DROP TABLE carts CASCADE;',
  ]);
});

it('gives a terminal nothing to obey', () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\u202eabc\nrejected by Berta';
  const requestedBy = evil;
  const text = `${view({ starter: null, requestedBy, votes: [{ ...vote, reason: evil }] })}${refusal({ status: 409, error: 'AlreadyDecided', message: evil }).message}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may get through
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(text).toContain('⟨U+001B⟩[2J');
  expect(view({ votes: [{ ...vote, reason: evil }] })).not.toMatch(/^rejected/m);
});
