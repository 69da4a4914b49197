import { expect, test } from 'vitest';
import type { Session } from '../../lib/database/session.ts';
import { failing } from '../../lib/database/verify.ts';
import type { Check } from '../../lib/migrations/bundle.ts';
import { bench, migrationsOf } from './bench.ts';

const { database } = bench();

const table = { '1_orders.sql': 'CREATE TABLE orders (id int); INSERT INTO orders SELECT generate_series(1, 200);' };

const check = (name: string, sql: string, when: Check['when'] = 'after'): Check => ({
  ...{ name, file: `verify/${name}.sql`, checksum: '', when, sql },
});

const installed = async () => {
  const subject = await database();
  await subject.apply(await migrationsOf(table));
  return subject;
};

const due = { due: 'after', remaining: () => 240_000 } as const;

test('what finds rows is told by name and number, all in one call', async () => {
  const subject = await installed();
  const before = subject.session.calls();
  const told = await failing(
    subject.session,
    subject.database,
    [
      check('none', 'SELECT * FROM orders WHERE id > 200'),
      check('one', 'SELECT * FROM orders WHERE id = 7 -- the seventh'),
      check('two', "VALUES ('a:b'), (':name')"),
      check('many', 'TABLE orders'),
      check('broken', 'SELECT * FROM nowhere'),
      check('earlier', 'TABLE orders', 'before'),
    ],
    due,
  );
  expect(told).toEqual([
    'verify/one.sql finds 1 row',
    'verify/two.sql finds 2 rows',
    'verify/many.sql finds more than 100 rows',
    `verify/broken.sql can't be run: relation "nowhere" does not exist (SQLSTATE 42P01)`,
  ]);
  expect(subject.session.calls() - before).toBe(1);
});

test('nothing is asked where nothing is due', async () => {
  const subject = await installed();
  const before = subject.session.calls();
  expect(await failing(subject.session, subject.database, [check('x', 'TABLE orders', 'before')], due)).toEqual([]);
  expect(subject.session.calls() - before).toBe(0);
});

test('a check can change nothing, and does not see tables of ours', async () => {
  const subject = await installed();
  await subject.sql("CREATE FUNCTION purge() RETURNS int LANGUAGE sql AS 'DELETE FROM orders RETURNING id'");
  const told = await failing(
    subject.session,
    subject.database,
    [check('purge', 'SELECT purge()'), check('undo', "SELECT set_config('transaction_read_only', 'off', true)")],
    due,
  );
  expect(told[0]).toMatch(/cannot execute DELETE in a read-only transaction \(SQLSTATE 25006\)/);
  expect(told[1]).toMatch(/verify\/undo\.sql can't be run: cannot set transaction read-write mode/);
  expect(await subject.value('SELECT count(*) FROM orders')).toBe('200');
});

test('what must be true before is looked at before anything is applied, and once', async () => {
  const checks = [check('empty', 'TABLE orders', 'before')];
  const subject = await installed();
  const more = await migrationsOf({ ...table, '2_next.sql': 'CREATE TABLE next ()', '3_bad.sql': 'SELECT 1 / 0' });
  const refused = await subject.apply(more, { checks, run: 'run-2', token: 2 });
  expect(refused).toMatchObject({
    state: 'failed',
    failure: {
      message: 'nothing was applied, since what must be true before is not: verify/empty.sql finds more than 100 rows',
    },
  });
  expect(await subject.value("SELECT to_regclass('next') IS NULL")).toBe('true');
  // Once the run has begun, what was true before need not be any more.
  await subject.sql('DELETE FROM orders');
  expect(await subject.apply(more, { checks, run: 'run-3', token: 3 })).toMatchObject({ applied: ['2'] });
  await subject.sql('INSERT INTO orders VALUES (1)');
  expect((await subject.apply(more, { checks, run: 'run-3', token: 3 })).failure).toMatchObject({ sqlstate: '22012' });
});

test('a check that takes too long is ended and told, and those behind it are still run', async () => {
  const subject = await installed();
  const slow = check('slow', 'SELECT pg_sleep(100)');
  const told = await failing(subject.session, subject.database, [slow, check('one', 'SELECT 1')], {
    ...due,
    allowed: 500,
  });
  expect(told[0]).toMatch(
    /^verify\/slow\.sql can't be run: canceling statement due to user request \(SQLSTATE 57014\)/,
  );
  expect(told[1]).toBe('verify/one.sql finds 1 row');
});

/** Cuts a call off in which one of these is asked, as the Data API does, and answers others at once. */
const cuttingOff = (...slow: string[]) => {
  const asked: string[][] = [];
  const session: Session = {
    calls: () => asked.length,
    execute: async (_, __, { checks, first } = {}) => {
      const names = (JSON.parse(String(checks)) as { name: string }[]).slice(Number(first)).map(({ name }) => name);
      asked.push(names);
      if (names.some((it) => slow.includes(it)))
        throw Object.assign(new Error('cut off'), { name: 'StatementTimeoutException' });
      return { records: [[{ stringValue: JSON.stringify({ results: names.map(() => ({ rows: 0 })) }) }]], updated: 0 };
    },
  };
  return { session, asked };
};

const checks = ['a', 'b', 'c'].map((it) => check(it, 'SELECT 1'));
const nowhere = { clusterArn: 'arn', secretArn: 'arn', database: 'd' };

test('when a call is cut off, no check is blamed that has not been asked alone', async () => {
  const { session, asked } = cuttingOff('verify/b.sql#1');
  expect(await failing(session, nowhere, checks, due)).toEqual([
    expect.stringMatching(/^verify\/b\.sql takes too long/),
  ]);
  expect(asked.map((names) => names.length)).toEqual([3, 1, 2, 1, 1]);
});

test('what there is no time for is told, and not begun', async () => {
  const { session, asked } = cuttingOff('verify/b.sql#1');
  let left = 3;
  const told = await failing(session, nowhere, checks, { ...due, remaining: () => (left-- > 0 ? 50_000 : 49_999) });
  expect(told).toEqual([
    'verify/b.sql was not run: there was no time left',
    'verify/c.sql was not run: there was no time left',
  ]);
  expect(asked).toHaveLength(2);
});
