import { expect, onTestFinished, test } from 'vitest';
import { tableFacts } from '../../lib/database/table-facts.ts';
import { bench } from './bench.ts';
import { installed, startPostgres } from './servers.ts';

const { database } = bench();

test('tells how large tables are and what hangs on them, by the names that SQL gives them, in one call', async () => {
  const subject = await database();
  await subject.sql(`DO 'BEGIN
    CREATE TABLE orders (id int PRIMARY KEY, filler text);
    INSERT INTO orders SELECT n, repeat(''x'', 100) FROM generate_series(1, 5000) n;
    CREATE TABLE items (id int, "order" int REFERENCES orders);
    CREATE VIEW late AS SELECT * FROM orders;
    CREATE SCHEMA shop; CREATE TABLE shop."Order" (k int) PARTITION BY LIST (k);
    CREATE TABLE shop.p1 PARTITION OF shop."Order" FOR VALUES IN (1);
    INSERT INTO shop."Order" SELECT 1 FROM generate_series(1, 300);
  END'`);
  await subject.sql('ANALYZE');
  const before = subject.session.calls();
  const found = await tableFacts(subject.session, subject.database, ['orders', 'nowhere', 'shop."Order"', 'items']);
  expect(subject.session.calls() - before).toBe(1);
  expect(found).toEqual([
    { table: 'items', rows: 0, bytes: expect.any(Number), writes: 0, dependants: 0 },
    { table: 'orders', rows: 5000, bytes: expect.any(Number), writes: expect.any(Number), dependants: 2 },
    { table: 'shop."Order"', rows: 300, bytes: expect.any(Number), writes: expect.any(Number), dependants: 0 },
  ]);
  expect(found[1]!.bytes).toBeGreaterThan(500_000);
});

test('counts rows that nobody has counted yet', async () => {
  const subject = await database();
  await subject.sql('CREATE TABLE fresh (id int)');
  await subject.sql('INSERT INTO fresh SELECT generate_series(1, 7)');
  await subject.sql('SELECT pg_stat_force_next_flush()');
  await expect.poll(async () => (await tableFacts(subject.session, subject.database, ['fresh']))[0]?.rows).toBe(7);
});

test('takes no table for empty that nobody has analyzed, and whose counters are gone', async () => {
  const postgres = await startPostgres((await installed(17)) ?? 'nowhere');
  onTestFinished(() => postgres.stop());
  await postgres.copy('before');
  await postgres.sql(
    'before',
    'CREATE TABLE full_one (id int) WITH (autovacuum_enabled = false)',
    'CREATE TABLE empty_one (id int)',
    'INSERT INTO full_one SELECT generate_series(1, 10000)',
  );
  // A copy has the rows and, as after a crash, none of the counters.
  const found = await tableFacts(postgres.session, await postgres.copy('after', 'before'), ['full_one', 'empty_one']);
  expect(found.map(({ table, rows }) => [table, rows])).toEqual([
    ['empty_one', 0],
    ['full_one', 45],
  ]);
});

test('asks nothing where nothing is touched', async () => {
  const subject = await database();
  const before = subject.session.calls();
  expect(await tableFacts(subject.session, subject.database, [])).toEqual([]);
  expect(subject.session.calls()).toBe(before);
});
