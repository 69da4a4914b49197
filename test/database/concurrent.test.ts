import { expect, test } from 'vitest';
import { bench, migrationsOf } from './bench.ts';

const { database } = bench();

/** An index is built while others wait to be told so: a lock that was waited for would be a deadlock here. */
const files = {
  '1_tables.sql': `CREATE TABLE items (id int PRIMARY KEY, touched int NOT NULL DEFAULT 0);
    INSERT INTO items SELECT generate_series(1, 2000);
    CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);`,
  '2_count.sql': 'UPDATE counter SET n = n + 1; UPDATE items SET touched = touched + 1;',
  '3_index.sql': 'CREATE INDEX CONCURRENTLY items_touched ON items (touched, id);',
  '4_count.sql': 'UPDATE counter SET n = n + 1; UPDATE items SET touched = touched + 1;',
  '5_mixed.sql': `UPDATE counter SET n = n + 10; CREATE UNIQUE INDEX CONCURRENTLY items_once ON items (id, touched);
    UPDATE counter SET n = n + 10;`,
  '6_last.sql': 'INSERT INTO items VALUES (2001); UPDATE counter SET n = n + 100;',
};

test('16 callers at once bring one database to the end: each effect once, no deadlock, all told applied', async () => {
  const subject = await database();
  const migrations = await migrationsOf(files);
  const failures: unknown[] = [];
  const caller = async (): Promise<string> => {
    for (;;) {
      const { state, failure } = await subject.apply(migrations, { lockPatience: 0, remaining: () => 600_000 });
      if (failure) failures.push(failure);
      if (state !== 'running') return state;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const states = await Promise.all(Array.from({ length: 16 }, caller));
  expect(failures).toEqual([]);
  expect(new Set(states)).toEqual(new Set(['applied']));
  expect(await subject.value('SELECT n FROM counter')).toBe('122');
  expect(await subject.value("SELECT concat(count(*), ' ', sum(touched)) FROM items")).toBe('2001 4000');
  expect(
    await subject.value(
      "SELECT string_agg(c.relname || ' ' || x.indisvalid, ', ' ORDER BY c.relname) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = 'items'::regclass",
    ),
  ).toBe('items_once true, items_pkey true, items_touched true');
  const { history, invalidIndexes } = await subject.inspect();
  expect(history.map(({ migration, state }) => `${migration} ${state}`)).toEqual(
    ['1', '2', '3', '4', '5', '6'].map((id) => `${id} applied`),
  );
  expect(invalidIndexes).toEqual([]);
  expect(await subject.value('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')).toBe('0');
});
