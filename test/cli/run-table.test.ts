import { describe, expect, it } from 'vitest';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { resultView } from '../../lib/cli/result-view.ts';
import { runMarkdown } from '../../lib/cli/run-markdown.ts';
import { runTable } from '../../lib/cli/run-table.ts';
import { differing, inOneSentence } from '../fleet/differing.ts';
import { bundleOf } from '../fleet/samples.ts';

const database = (cluster: string, more: Partial<EnvironmentResult['databases'][number]> = {}) => ({
  ...{ cluster, database: 'orders', verdict: 'applied' as const, applied: ['001'], reverted: [], pending: [] },
  ...{ failed: null, remedy: null, snapshot: null, fingerprint: 'f', milliseconds: 1, dataApiCalls: 1, ...more },
});

const result = (databases: EnvironmentResult['databases'], failure: EnvironmentResult['failure']) => ({
  ...{
    environment: 'production',
    status: 'FAILED',
    run: 'run-1',
    execution: 'e',
    revert: null,
    revertedBy: null,
    planDigest: null,
  },
  ...{
    failure,
    approvals: [],
    holds: [],
    databases,
    unfit: [],
    differences: differing,
    drift: [],
    stateTransitions: null,
    dataApiCalls: 2,
    seconds: 1,
  },
});

const lines = (it: EnvironmentResult) => runTable([it], bundleOf('001'), false).split('\n').slice(-6);

it('tells once how databases differ', () => {
  const failure = { error: 'FingerprintsDiffer', cause: inOneSentence };
  const told = lines(result([database('a')], failure));
  expect(told.filter((it) => it.includes(inOneSentence))).toEqual([
    `✗ production: FingerprintsDiffer: ${inOneSentence}`,
  ]);
});

it('tells it below what failed', () => {
  const failed = {
    migration: '001',
    file: '001.sql',
    statement: 1,
    line: 2,
    sqlstate: '42703',
    message: 'no such thing',
  };
  const failure = { error: 'MigrationFailed', cause: `…\n${inOneSentence}` };
  const told = lines(result([database('d', { verdict: 'failed', applied: [], pending: ['001'], failed })], failure));
  expect(told).toEqual([
    '',
    '✗ production  d/orders',
    '  001.sql:2  statement 1  SQLSTATE 42703',
    '  no such thing',
    '  001 left no trace; 0 migrations applied by this run before it stand.',
    `✗ production  ${inOneSentence}`,
  ]);
});

it('tells by which run it is taken back', () => {
  const failure = { error: 'RolloutHalted', cause: 'one failed' };
  const told = lines({ ...result([database('a')], failure), revertedBy: 'run-1-revert' });
  expect(told.at(-1)).toBe(
    '↩ production  what it applied is taken back by run-1-revert: lockstep watch production run-1-revert',
  );
});

describe('what was left out is named with why and what to do about it, however the run ended', () => {
  const problem = 'no Data API; switch it on: aws rds enable-http-endpoint';
  const unfit = [{ cluster: 'ten-4', problems: [problem, 'no writer'] }];
  const sentence = `! production  ten-4 is left out: ${problem}; no writer`;
  const of = (count: number) => ({
    ...result(
      Array.from({ length: count }, (_, at) => database(`c${at}`)),
      null,
    ),
    ...{ status: 'SUCCEEDED', differences: null, unfit },
  });

  it.each([0, 1, 101])('in %i databases', (count) => {
    expect(resultView(of(count), bundleOf('001'), false).split('\n')).toContain(sentence);
  });

  it('in Markdown', () => {
    expect(runMarkdown(of(1), bundleOf('001'))).toContain(
      '\n\n- ⚠️ left out `ten-4`: no Data API; switch it on\\: aws rds enable-http-endpoint; no writer',
    );
  });

  it('of many clusters the first', () => {
    const all = Array.from({ length: 102 }, (_, at) => ({ cluster: `u${at}`, problems: ['no writer'] }));
    const text = resultView({ ...of(1), unfit: all }, bundleOf('001'), false);
    expect(text.match(/is left out/g)).toHaveLength(100);
    expect(text).toContain('! production  2 more clusters left out, as --json tells');
  });
});
