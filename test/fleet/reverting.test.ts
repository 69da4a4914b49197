import { describe, expect, it } from 'vitest';
import { actorOf, type Row, reverting, withoutDown } from '../../lib/fleet/reverting.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf } from './samples.ts';

const bundle = bundleOf('001', '002', '003', '004');
const back = { run: 'back-1', revert: 'run-2' };

const row = (migration: string, run: string, more: Partial<Row> = {}): Row => ({
  migration,
  run,
  ordinal: Number(migration),
  checksum: sha256(migration),
  state: 'applied',
  step: 1,
  ...more,
});

const clean = { done: [], problems: [] };

it('takes back what the run applied, newest first, and nothing that is older', () => {
  const history = [row('001', 'run-1'), row('002', 'run-2'), row('003', 'run-2')];
  expect(reverting(bundle, history, back)).toEqual({ ...clean, pending: ['003', '002'] });
});

it('goes by the order of application where a migration came late', () => {
  const history = [row('001', 'run-2', { ordinal: 9 }), row('002', 'run-1'), row('003', 'run-2', { ordinal: 10 })];
  expect(reverting(bundle, history, back)).toEqual({ ...clean, pending: ['003', '001'] });
});

it('has nothing to take back where the run never was', () => {
  expect(reverting(bundle, [row('001', 'run-1')], back)).toEqual({ ...clean, pending: [] });
  expect(reverting(bundle, [], back)).toEqual({ ...clean, pending: [] });
});

describe('a revert that broke off', () => {
  const history = [
    row('001', 'run-2'),
    row('002', actorOf({ run: 'back-0', revert: 'run-2' }), { state: 'reverting' }),
    row('003', actorOf({ run: 'back-0', revert: 'run-2' }), { state: 'reverted' }),
  ];

  it('is taken up by the next one, half-way migrations and such whose down has failed included', () => {
    expect(reverting(bundle, history, back)).toEqual({ ...clean, pending: ['002', '001'] });
    const failed = history.with(1, row('002', 'back-0 reverting run-2'));
    expect(reverting(bundle, failed, back)).toEqual({ ...clean, pending: ['002', '001'] });
  });

  it('is told what it has done itself when it is called again', () => {
    expect(reverting(bundle, history, { ...back, run: 'back-0' }).done).toEqual(['003']);
  });

  it('is not mixed up with the revert of a run of a similar name', () => {
    const others = [row('001', 'x reverting other-run-2')];
    expect(reverting(bundle, others, back).pending).toEqual([]);
  });
});

describe('what is in the way', () => {
  const problem = (...history: Row[]) => reverting(bundle, [row('001', 'run-2'), ...history], back).problems;

  it.each([
    ['applied', { state: 'applied' }],
    ['taken back half-way', { state: 'reverting' }],
    ['applied half-way', { state: 'failed', step: 2 }],
    ['at work', { state: 'running', step: 0 }],
  ] as const)('is what a later run has there on top: %s', (_, more) => {
    expect(problem(row('002', 'run-3', more))).toEqual([
      '002 (run run-3) stands there on top of what run run-2 applied. Take back the newest first.',
    ]);
  });

  it.each([
    ['failed without a trace', { state: 'failed', step: 0 }],
    ['was taken back', { state: 'reverted' }],
  ] as const)('is not what %s', (_, more) => {
    expect(problem(row('002', 'run-3', more))).toEqual([]);
  });

  it('is a migration of its own that got half-way only', () => {
    expect(problem(row('002', 'run-2', { state: 'failed', step: 2 }))).toEqual([
      expect.stringMatching(/^002_step_002\.sql got half-way there \(2 of its statements done\)/),
    ]);
  });

  it('is anything in doubt, once', () => {
    expect(problem(row('002', 'run-2', { state: 'in doubt' }))).toEqual([
      expect.stringMatching(/^002 is in doubt\. .*lockstep resolve ENVIRONMENT DATABASE 002/),
    ]);
  });

  it('is another content than the run had', () => {
    expect(problem(row('002', 'run-2', { checksum: 'x' }))).toEqual([expect.stringContaining('with another content')]);
    expect(problem(row('009', 'run-2'))).toEqual(['009 is not in the bundle of run run-2.']);
  });

  it('is not what stands where nothing of the run does', () => {
    expect(reverting(bundle, [row('002', 'run-3')], back).problems).toEqual([]);
  });

  it('is every migration without a down, named by its file', () => {
    expect(withoutDown(bundle, new Set(['001', '003']), 'run-2')).toEqual([
      "001_step_001.sql has no down file, so run run-2 can't be reverted.",
      "003_step_003.sql has no down file, so run run-2 can't be reverted.",
    ]);
  });
});
