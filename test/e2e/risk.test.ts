import { expect, test } from 'vitest';
import { approve, stage } from './stage.ts';

const it = stage();

const files = {
  '001_orders.sql': 'CREATE TABLE orders (id int PRIMARY KEY, note text);',
  '002_rows.sql': "INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 500) n;",
};

const planOf = async (environment: string, run: string) =>
  JSON.parse(await it.object(environment, `runs/${run}/plan.json`)) as {
    migrations: { id: string; risk: string; reason: string }[];
  };

test('an index on what the same run makes is no risk, and one on what is there is as much as the table is large', async () => {
  const first = await it.run('production', { ...files, '003_index.sql': 'CREATE INDEX i ON orders (note);' });
  expect(first.status).toBe('SUCCEEDED');
  expect((await planOf('production', first.run)).migrations.map(({ risk }) => risk)).toEqual(['low', 'low', 'low']);

  await it.sql('orders-production-1', 'acme', 'ANALYZE orders');
  const more = {
    ...files,
    '003_index.sql': 'CREATE INDEX i ON orders (note);',
    '004_drop.sql': '-- lockstep: loses-rows=orders\nALTER TABLE orders DROP COLUMN note;',
  };
  // Rows that come while people read change nothing of what they approve.
  const answer = async (link: string) => {
    await it.sql('orders-production-1', 'acme', "INSERT INTO orders SELECT n, 'y' FROM generate_series(501, 5000) n");
    await it.sql('orders-production-1', 'acme', 'ANALYZE orders');
    await approve(link);
  };
  const second = await it.run('production', more, { answer });
  expect(second.status).toBe('SUCCEEDED');
  const { migrations } = await planOf('production', second.run);
  expect(migrations).toMatchObject([{ id: '004', risk: 'high' }]);
  expect(migrations[0]!.reason).toMatch(
    /^line 2 drops a column with its data: orders has 500 rows \(\d+ kB\) in orders-production-\d\/\w+$/,
  );
});
