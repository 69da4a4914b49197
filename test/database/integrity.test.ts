import { describe, expect, test } from 'vitest';
import type { Work } from '../../lib/database/apply.ts';
import { bench, migrationsOf } from './bench.ts';

const { database } = bench();

const guarded: Partial<Work> = { integrity: { rows: true, sequences: true } };

const shop = `CREATE TABLE customers (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers ON DELETE CASCADE);
INSERT INTO customers VALUES (1), (2); INSERT INTO orders VALUES (1, 1), (2, 1), (3, 2);`;

const outcomeOf = async (sql: string, work = guarded, before = shop) => {
  const subject = await database();
  const progress = await subject.apply(await migrationsOf({ '1_shop.sql': before, '2_it.sql': sql }), work);
  const rows = await subject.value(
    "SELECT concat_ws(' ', (SELECT count(*) FROM customers), (SELECT count(*) FROM orders))",
  );
  return { progress, rows, message: progress.failure?.message };
};

describe('a migration that takes rows out', () => {
  test('is taken back, with the number of rows that each table would lose, cascades included', async () => {
    const { progress, rows, message } = await outcomeOf('DELETE FROM customers WHERE id = 1;');
    expect(progress).toMatchObject({ state: 'failed', applied: ['1'], failure: { migration: '2', sqlstate: '23000' } });
    expect(message).toBe(
      'public.customers would lose 1 row, and the migration does not say so: -- lockstep: loses-rows=customers; ' +
        'public.orders would lose 2 rows, and the migration does not say so: -- lockstep: loses-rows=orders',
    );
    expect(rows).toBe('2 3');
  });

  test.each([
    ['-- lockstep: loses-rows=orders\nDELETE FROM orders;', '2 0'],
    ['-- lockstep: loses-rows=public.orders\nDELETE FROM orders;', '2 0'],
    ['DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (9, 2);', '2 3'],
    ['INSERT INTO orders VALUES (1, 2) ON CONFLICT DO NOTHING;', '2 3'],
    ['UPDATE orders SET customer = 2;', '2 3'],
    ['CREATE TEMP TABLE t AS SELECT 1 AS n; DELETE FROM t;', '2 3'],
  ])('is applied where it says so, or where none are missing in the end: %j', async (sql, left) => {
    const { progress, rows } = await outcomeOf(sql);
    expect(progress).toMatchObject({ state: 'applied' });
    expect(rows).toBe(left);
  });

  test('is found out in a function and in a DO block, whatever role and path they leave behind', async () => {
    const { message } = await outcomeOf(`CREATE ROLE poor_role; GRANT poor_role TO CURRENT_USER;
CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM orders';
DO $$ BEGIN PERFORM purge(); PERFORM set_config('search_path', 'elsewhere', false); SET ROLE poor_role; END $$;`);
    expect(message).toMatch(/^public\.orders would lose 3 rows/);
  });

  test.each([
    'CREATE TABLE archive AS WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone;',
    'EXPLAIN ANALYZE DELETE FROM orders;',
    'PREPARE purge AS DELETE FROM orders; EXECUTE purge;',
  ])('is found out whatever statement carries the one that does it: %j', async (sql) => {
    expect((await outcomeOf(sql)).message).toMatch(/^public\.orders would lose 3 rows/);
  });

  test('does not count rows that move between partitions', async () => {
    const parted = `${shop} CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); INSERT INTO p VALUES (1), (1);`;
    expect((await outcomeOf('UPDATE p SET k = 2;', guarded, parted)).progress.state).toBe('applied');
    expect((await outcomeOf('DELETE FROM p;', guarded, parted)).message).toMatch(/^public\.p would lose 2 rows/);
  });

  test('is not asked where nobody wants it, and never when something is taken back', async () => {
    expect((await outcomeOf('DELETE FROM orders;', {})).progress.state).toBe('applied');
    expect((await outcomeOf('DELETE FROM orders;', { integrity: { rows: false, sequences: true } })).rows).toBe('2 0');
  });

  test('counts what this migration does, not what those before it in the same call did', async () => {
    const subject = await database();
    const progress = await subject.apply(
      await migrationsOf({
        '1_shop.sql': shop,
        '2_fewer.sql': '-- lockstep: loses-rows=orders\nDELETE FROM orders WHERE id = 1;',
        '3_more.sql': 'UPDATE orders SET customer = 2;',
        '4_fewer.sql': 'DELETE FROM orders WHERE id = 2;',
      }),
      guarded,
    );
    expect(progress).toMatchObject({ state: 'failed', applied: ['1', '2', '3'] });
    expect(progress.failure?.message).toMatch(/^public\.orders would lose 1 row,/);
  });
});

describe('a sequence behind its column', () => {
  const roles = `${shop} CREATE TABLE roles (id serial PRIMARY KEY, name text);`;

  test('is refused, with what to write', async () => {
    const { progress, message } = await outcomeOf("INSERT INTO roles VALUES (1, 'a'), (7, 'b');", guarded, roles);
    expect(progress.failure?.sqlstate).toBe('23000');
    expect(message).toBe(
      "sequence public.roles_id_seq would give out 1 next, but public.roles.id goes up to 7: SELECT setval('public.roles_id_seq', 7)",
    );
  });

  test.each([
    "INSERT INTO roles VALUES (1, 'a'), (7, 'b'); SELECT setval('roles_id_seq', 7);",
    "INSERT INTO roles (name) VALUES ('a'), ('b');",
    "INSERT INTO roles VALUES (-5, 'a');",
    'INSERT INTO customers VALUES (900);',
  ])('is none here: %j', async (sql) => {
    expect((await outcomeOf(sql, guarded, roles)).progress).toMatchObject({ state: 'applied' });
  });

  test('that nobody uses is left alone', async () => {
    const unused = `${roles} INSERT INTO roles VALUES (3, 'theirs');`;
    const subject = await database();
    await subject.apply(await migrationsOf({ '1_shop.sql': unused }));
    const both = await migrationsOf({ '1_shop.sql': unused, '2_it.sql': "INSERT INTO roles VALUES (4, 'ours');" });
    expect(await subject.apply(both, { ...guarded, run: 'run-2', token: 2 })).toMatchObject({ state: 'applied' });
  });

  test('of an identity column counts as well', async () => {
    const identity = `${shop} CREATE TABLE tags (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);
INSERT INTO tags DEFAULT VALUES;`;
    const { message } = await outcomeOf('INSERT INTO tags VALUES (2);', guarded, identity);
    expect(message).toMatch(/^sequence public\.tags_id_seq would give out 2 next, but public\.tags\.id goes up to 2/);
  });
});
