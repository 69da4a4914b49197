import { expect, it } from 'vitest';
import type { Plan } from '../../lib/fleet/plan.ts';
import { makeReport } from '../../lib/fleet/report.ts';
import type { Vote } from '../../lib/ledger/request.ts';
import type { Verdict } from '../../lib/ledger/runs.ts';
import { asked } from '../approval/request.ts';
import { verdict } from './samples.ts';

const planned = (cluster: string, pending: string[]): Plan['databases'][number] => ({
  cluster,
  database: 'orders',
  wave: pending.length > 0 ? 1 : null,
  applied: 2 - pending.length,
  pending,
  fingerprint: `before ${cluster}`,
  head: 'h',
  server: 170009,
});

const plan = (...databases: Plan['databases']) => ({
  service: 'orders',
  environment: 'production',
  digest: 'd'.repeat(64),
  direction: 'up' as const,
  revert: null as string | null,
  restorePoint: 'snapshot' as const,
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
  rollout: { waves: [], onHalt: 'stop' as const, alarms: [], healthCheck: false, canRevert: false, biggest: null },
  migrations: [],
  databases,
  planDigest: 'p'.repeat(64),
  dataApiCalls: { 'a/orders': 1, 'b/orders': 2 },
});

const nothing = { run: 'run-1', failure: null, verdicts: [], request: null };

const broken: Verdict['failure'] = {
  migration: '002',
  file: '002_step.sql',
  statement: 3,
  line: 14,
  sqlstate: '42P01',
  message: 'relation "x" does not exist',
};

it('tells of a success what each database got', () => {
  const done = verdict('a', 'orders', { applied: ['001', '002'], fingerprint: 'after', dataApiCalls: 3 });
  const report = makeReport(plan(planned('a', ['001', '002']), planned('b', [])), { ...nothing, verdicts: [done] });
  expect(report).toEqual({
    run: 'run-1',
    status: 'SUCCEEDED',
    failure: null,
    digest: 'd'.repeat(64),
    revert: null,
    revertedBy: null,
    differences: null,
    drift: [],
    planDigest: 'p'.repeat(64),
    approvals: [],
    approval: null,
    holds: [],
    databases: [
      {
        cluster: 'a',
        database: 'orders',
        verdict: 'applied',
        applied: ['001', '002'],
        reverted: [],
        pending: [],
        failed: null,
        remedy: null,
        snapshot: 'lockstep-a',
        fingerprint: 'after',
        milliseconds: 12,
        dataApiCalls: 4,
      },
      {
        cluster: 'b',
        database: 'orders',
        verdict: null,
        applied: [],
        reverted: [],
        pending: [],
        failed: null,
        remedy: null,
        snapshot: null,
        fingerprint: 'before b',
        milliseconds: 0,
        dataApiCalls: 2,
      },
    ],
    migrations: [],
    unfit: [],
    dataApiCalls: 6,
  });
});

it('lists the clusters that were left out', () => {
  const unfit = [{ cluster: 'c', problems: ['is stopped. Start it.'] }];
  expect(makeReport({ ...plan(planned('a', [])), unfit }, nothing)).toMatchObject({ status: 'SUCCEEDED', unfit });
});

it('tells of a revert what each database gave back, and what it still has', () => {
  const done = verdict('a', 'orders', { verdict: 'failed', reverted: ['002'], failure: broken });
  const back = { ...plan(planned('a', ['002', '001'])), direction: 'down' as const, revert: 'run-0' };
  expect(makeReport(back, { ...nothing, verdicts: [done] })).toMatchObject({
    revert: 'run-0',
    databases: [{ verdict: 'failed', applied: [], reverted: ['002'], pending: ['001'] }],
  });
});

it('tells of a database in doubt the evidence, what to do, and that it is no common failure', () => {
  const failure = { ...broken, sqlstate: '', message: 'statement 3 is in doubt: no answer was written down' };
  const verdicts = [
    verdict('b', 'orders', { verdict: 'failed', failure: broken }),
    verdict('a', 'orders', { verdict: 'in doubt', failure }),
  ];
  const report = makeReport(plan(planned('a', ['002'])), { ...nothing, verdicts });
  expect(report.databases[0]).toMatchObject({
    verdict: 'in doubt',
    failed: failure,
    remedy: expect.stringContaining('lockstep resolve production a/orders 002 --reason'),
  });
  expect(report.failure).toMatchObject({ error: 'InDoubt' });
  expect(report.failure?.cause).toMatch(
    /no answer was written down\. Look at .* lockstep resolve production a\/orders 002/,
  );
});

it('leaves with a database that no wave came to what it was to get', () => {
  const report = makeReport(plan(planned('a', ['001', '002'])), nothing);
  expect(report.databases).toMatchObject([{ applied: [], pending: ['001', '002'], snapshot: null }]);
});

it('keeps apart what a failing database got and what it still lacks', () => {
  const failed = verdict('a', 'orders', { verdict: 'failed', applied: ['001'], failure: broken, fingerprint: null });
  const report = makeReport(plan(planned('a', ['001', '002'])), { ...nothing, verdicts: [failed] });
  expect(report).toMatchObject({
    status: 'FAILED',
    databases: [{ applied: ['001'], pending: ['002'], failed: broken }],
  });
  // Unknown is not what it was before.
  expect(report.databases[0]?.fingerprint).toBeNull();
});

it('explains a failure by what failed in the databases, where there is such', () => {
  const report = makeReport(plan(planned('a', ['001', '002']), planned('b', ['002'])), {
    ...nothing,
    failure: {
      Error: 'States.ExceedToleratedFailureThreshold',
      Cause: 'The specified tolerated failure threshold was exceeded',
    },
    verdicts: [
      verdict('a', 'orders', { verdict: 'failed', failure: broken }),
      verdict('b', 'orders', {
        verdict: 'failed',
        failure: {
          migration: null,
          file: null,
          statement: null,
          line: null,
          sqlstate: '',
          message: "can't be reached",
        },
      }),
    ],
  });
  expect(report.failure).toEqual({
    error: 'MigrationFailed',
    cause:
      'a/orders: 002_step.sql:14: statement 3: relation "x" does not exist (SQLSTATE 42P01)\n' +
      "b/orders: can't be reached",
  });
});

it('fails when a database failed, even if no step did', () => {
  const verdicts = [verdict('a', 'orders', { verdict: 'failed', failure: broken })];
  expect(makeReport(plan(planned('a', ['002'])), { ...nothing, verdicts }).status).toBe('FAILED');
});

it.each([
  [
    'the message out of the JSON that Lambda makes',
    '{"errorType":"LeaseHeld","errorMessage":"x is at work","trace":[]}',
    'x is at work',
  ],
  ['a text as it is', 'nobody decided', 'nobody decided'],
  ['JSON without a message as it is', '{"a":1}', '{"a":1}'],
  ['JSON that is no object as it is', 'null', 'null'],
  ['nothing for nothing', undefined, ''],
])('gives as the cause %s', (_, Cause, cause) => {
  expect(makeReport(null, { ...nothing, failure: { Error: 'LeaseHeld', Cause } }).failure).toEqual({
    error: 'LeaseHeld',
    cause,
  });
});

it('keeps a cause short enough for a Fail state', () => {
  const { failure } = makeReport(null, { ...nothing, failure: { Error: 'X', Cause: 'x'.repeat(100_000) } });
  expect(failure?.cause).toHaveLength(20_000);
  const verdicts = Array.from({ length: 500 }, (_, n) =>
    verdict(`c${n}`, 'orders', { failure: { ...broken, message: 'y'.repeat(500) } }),
  );
  expect(makeReport(plan(), { ...nothing, verdicts }).failure?.cause).toHaveLength(20_000);
});

it('has neither plan nor databases for a run that was not admitted', () => {
  const report = makeReport(null, { ...nothing, failure: { Error: 'LeaseHeld', Cause: 'x' } });
  expect(report).toMatchObject({ status: 'FAILED', digest: null, planDigest: null, databases: [], dataApiCalls: 0 });
});

const vote = (more: Partial<Vote> = {}): Vote => ({
  ...{ decision: 'approved', by: 'Berta', reason: '', at: '2026-01-05T09:30:00.000Z', channel: 'slack' },
  ...{ assurance: 'high', identity: 'slack T0001/UBERTA01', ...more },
});

it('tells who decided by which proof, who withdrew, and who started the run; never a token', () => {
  const votes = [vote({ by: 'Ada', withdrawnAt: '2026-01-05T09:20:00.000Z' }), vote()];
  const request = asked({ votes, quorum: 1, outcome: { decision: 'approved', at: '2026-01-05T09:30:00.000Z' } });
  const report = makeReport(plan(), { ...nothing, request });
  expect(report.approvals).toEqual(votes);
  expect(report.approval).toEqual({
    ...{ outcome: 'approved', requestedBy: 'ci', quorum: 1 },
    starter: 'arn:aws:sts::123456789012:assumed-role/Ci/job',
  });
  expect(JSON.stringify(report)).not.toContain(request.taskToken);
  expect(JSON.stringify(report)).not.toContain(request.formKey);
});

it('tells that nobody has decided', () => {
  expect(makeReport(plan(), { ...nothing, request: asked() }).approval).toMatchObject({ outcome: 'none' });
});
