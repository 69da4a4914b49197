import { describe, expect, it } from 'vitest';
import { bundle, inspect } from '../../lib/migrations/build.ts';
import { canonical } from '../../lib/migrations/digest.ts';
import { parseBundle } from '../../lib/migrations/parse-bundle.ts';
import { folderOf } from '../helpers/folder.ts';

const migration = { '1_orders.sql': 'CREATE TABLE orders (id int)' };
const problemsOf = async (sql: string, name = 'check.sql') =>
  (await inspect(await folderOf({ ...migration, [`verify/${name}`]: sql }))).problems;

it('checks travel in the bundle, by name, without their comments', async () => {
  const folder = await folderOf({
    ...migration,
    'verify/b.sql': '-- what must not be\nSELECT 1 WHERE false;\n',
    'verify/a.sql': '-- lockstep: before, after\nTABLE orders -- none',
    'verify/README.md': 'not one',
  });
  const made = await bundle(folder);
  expect(made.bundle.verify).toMatchObject([
    { name: 'a', file: 'verify/a.sql', when: 'both', sql: 'TABLE orders' },
    { name: 'b', file: 'verify/b.sql', when: 'after', sql: 'SELECT 1 WHERE false' },
  ]);
  expect(parseBundle(canonical(made.bundle), made.digest)).toEqual(made.bundle);
});

it('a folder without checks makes the bundle that it always made', async () => {
  const made = await bundle(await folderOf(migration));
  expect(made.bundle).not.toHaveProperty('verify');
});

describe('refused is', () => {
  it.each([
    ['DELETE FROM orders', 'is no query', 1, 1],
    ['SELECT 1;\nSELECT 2', 'is a second statement', 2, 1],
    ['SELECT * INTO copy FROM orders', 'is no query', 1, 1],
    ['SELECT * FROM orders FOR UPDATE', 'locks the rows that it finds', 1, 1],
    ['WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone', 'changes rows', 1, 1],
    ['-- nothing', 'holds no query', 1, 1],
    ['-- lockstep: sometimes\nSELECT 1', 'sometimes is not a directive of a check', 1, 1],
    ['SELEC 1', 'syntax error at or near "SELEC"', 1, 1],
  ])('%j', async (sql, message, line, column) => {
    expect(await problemsOf(sql)).toMatchObject([
      { file: expect.stringMatching(/verify\/check\.sql$/), message, line, column },
    ]);
  });

  it('a name that could be anything', async () => {
    expect(await problemsOf('SELECT 1', 'a b.sql')).toMatchObject([{ message: "has a name that can't be read" }]);
  });

  it.each([
    ['deeper/check.sql', 'is a folder', /verify\/deeper$/],
    ['check.SQL', 'does not end in .sql', /verify\/check\.SQL$/],
  ])('what would never be run: %s', async (name, message, file) => {
    expect(await problemsOf('SELECT 1', name)).toMatchObject([{ message, file: expect.stringMatching(file) }]);
  });
});
