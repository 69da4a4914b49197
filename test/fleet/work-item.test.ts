import { expect, it } from 'vitest';
import { databaseOf, failed, verdictBase, type WorkItem } from '../../lib/fleet/work-item.ts';
import { migration, run, statement } from './samples.ts';

const item: WorkItem = {
  run: run(),
  wave: { wave: 1, budget: 0, pardoned: 0, again: false },
  retries: 0,
  cluster: { cluster: 'a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: [] },
  snapshot: 'lockstep-a',
  database: { database: 'orders', applied: 1, late: [], installed: true, blemishes: [] },
};
const progress = { applied: ['001'], milliseconds: 12.6, dataApiCalls: 2 };

const bundle = {
  format: 1 as const,
  migrations: [
    migration('002', {
      file: '002_b.up.sql',
      up: [statement('SELECT 1', { line: 3 }), statement('SELECT 2', { line: 9 })],
    }),
  ],
};

it('knows where SQL for it goes', () => {
  expect(databaseOf(item)).toEqual({ clusterArn: 'arn:a', secretArn: 'secret-a', database: 'orders' });
});

it('begins a verdict with what apply answered, or with nothing', () => {
  const base = { cluster: 'a', database: 'orders', snapshot: 'lockstep-a' };
  const done = { milliseconds: 13, dataApiCalls: 2 };
  expect(verdictBase({ ...item, progress })).toEqual({ ...base, ...done, applied: ['001'], reverted: [] });
  expect(verdictBase(item)).toEqual({ ...base, applied: [], reverted: [], milliseconds: 0, dataApiCalls: 0 });
});

const down = { file: '002_b.down.sql', checksum: 'x', mode: 'transactional' as const };
const back = run({ direction: 'down', revert: 'run-0' });

it('tells of a run that takes another back what it took back, and the place in the down file', () => {
  const statements = [statement('SELECT 3', { line: 1 }), statement('SELECT 4', { line: 7 })];
  const reversible = { ...bundle, migrations: [{ ...bundle.migrations[0]!, down: { ...down, statements } }] };
  const failure = { migration: '002', statement: 2, sqlstate: '42601', message: 'syntax error' };
  expect(failed({ ...item, run: back, progress }, failure, reversible)).toMatchObject({
    applied: [],
    reverted: ['001'],
    failure: { file: '002_b.down.sql', line: 7 },
  });
});

it('keeps what is in doubt apart from what failed', () => {
  const failure = { migration: '002', statement: 2, sqlstate: '', message: 'statement 2 is in doubt' };
  expect(failed(item, failure, bundle, 'in doubt')).toMatchObject({ verdict: 'in doubt', failure: { line: 9 } });
});

it('looks up where a failing statement stands', () => {
  const failure = { migration: '002', statement: 2, sqlstate: '42601', message: 'syntax error' };
  expect(failed({ ...item, progress }, failure, bundle)).toMatchObject({
    verdict: 'failed',
    applied: ['001'],
    fingerprint: null,
    failure: {
      migration: '002',
      file: '002_b.up.sql',
      statement: 2,
      line: 9,
      sqlstate: '42601',
      message: 'syntax error',
    },
  });
});

it.each([
  ['no statement', { migration: '002', statement: null }, { file: '002_b.up.sql', line: null }],
  ['a statement that the bundle lacks', { migration: '002', statement: 7 }, { file: '002_b.up.sql', line: null }],
  ['a migration that the bundle lacks', { migration: '009', statement: 1 }, { file: null, line: null }],
  ['no migration', { migration: null, statement: null }, { file: null, line: null }],
])('says no more than it knows of a failure with %s', (_, place, found) => {
  expect(failed(item, { ...place, sqlstate: '', message: 'x' }, bundle).failure).toMatchObject(found);
});

it('keeps a message that would not fit into the ledger short', () => {
  const failure = { migration: null, statement: null, sqlstate: 'P0001', message: 'x'.repeat(500_000) };
  expect(failed(item, failure, null).failure?.message).toHaveLength(8_000);
});
