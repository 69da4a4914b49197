import { expect, it } from 'vitest';
import { FingerprintsDiffer } from '../../lib/fleet/converge.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { makeReport } from '../../lib/fleet/report.ts';
import { differing, inOneSentence } from './differing.ts';
import { bundleOf, cluster, database, inWavesOf, verdict } from './samples.ts';

const names = ['a', 'b', 'c', 'd'];
const { plan, planDigest } = makePlan(
  bundleOf('001', '002'),
  names.map((name) => cluster(name, database('orders', 1))),
  {
    service: 'shop',
    environment: 'production',
    digest: 'd'.repeat(64),
    rollout: inWavesOf(1),
    policy: 'p',
    fleet: 'f',
    version: '1.0.0',
  },
);

const { message } = new FingerprintsDiffer(differing);
const differ = { Error: 'FingerprintsDiffer', Cause: JSON.stringify({ errorMessage: message }) };
const failed = (name: string, message = 'no such column') =>
  verdict(name, 'orders', {
    verdict: 'failed',
    failure: { migration: '002', file: null, statement: null, line: null, sqlstate: '42703', message },
  });

const report = (verdicts: ReturnType<typeof verdict>[], more: object = {}) =>
  makeReport(
    { ...plan, planDigest, dataApiCalls: {} },
    { run: 'run-1', failure: differ, verdicts, request: null, differences: differing, ...more },
  );

it('tells how the databases of a fleet differ, and keeps it for programs', () => {
  expect(report([])).toMatchObject({
    status: 'FAILED',
    failure: { error: 'FingerprintsDiffer', cause: inOneSentence },
    differences: differing,
  });
});

it('counts the calls that it took to find out', () => {
  const applied = names.map((name) => verdict(name, 'orders', { dataApiCalls: 2 }));
  expect(report(applied).dataApiCalls).toBe(10);
  expect(report(applied, { differences: null }).dataApiCalls).toBe(8);
});

it('tells it beside what failed in a database', () => {
  expect(report([failed('d')]).failure).toEqual({
    error: 'MigrationFailed',
    cause: `d/orders: no such column (SQLSTATE 42703)\n${inOneSentence}`,
  });
});

it('tells it however much else there is to tell, in a cause short enough for a Fail state', () => {
  const cause = report(Array.from({ length: 900 }, (_, n) => failed(`c${n}`, 'x'.repeat(500)))).failure?.cause;
  expect(cause?.length).toBeLessThan(20_010);
  expect(cause).toContain(`…\n${inOneSentence}`);
});

it('has nothing to add to what failed where the others are alike', () => {
  const { groups, ...rest } = differing;
  const differences = { ...rest, schemas: 1, groups: groups.slice(0, 1) };
  expect(report([failed('d')], { differences }).failure?.cause).toBe('d/orders: no such column (SQLSTATE 42703)');
});
