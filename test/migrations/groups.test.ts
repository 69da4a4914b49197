import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, groupsOf, problemsOf } from '../helpers/sql.ts';

beforeAll(loadParser);

describe('statements of one transaction', () => {
  it('are neighbours, up to one that can stand in none', () => {
    expect(groupsOf('SELECT 1; SELECT 2; VACUUM; SELECT 3; SELECT 4')).toEqual([
      ['SELECT 1', 'SELECT 2'],
      ['VACUUM'],
      ['SELECT 3', 'SELECT 4'],
    ]);
  });

  it('are not numbered in the first group', () => {
    expect(compiled('SELECT 1; VACUUM').statements.map(({ group }) => group)).toEqual([undefined, 1]);
  });

  it('are single where the author wants steps, but for their settings and what stands in BEGIN', () => {
    const sql = "-- lockstep: stepwise\nSET a.b = '1'; SELECT 1; SELECT 2; BEGIN; SELECT 3; SELECT 4; COMMIT";
    expect(groupsOf(sql)).toEqual([
      ["SET a.b = '1'", 'SELECT 1'],
      ["SET a.b = '1'", 'SELECT 2'],
      ["SET a.b = '1'", 'SELECT 3', 'SELECT 4'],
    ]);
  });

  it('are refused in BEGIN when PostgreSQL refuses them there', () => {
    expect(problemsOf('BEGIN;\nVACUUM;\nCOMMIT;')).toEqual([
      "2:1 PostgreSQL doesn't run this between BEGIN and COMMIT",
    ]);
  });
});

describe('a value added to an enum', () => {
  const add = "ALTER TYPE status ADD VALUE 'it''s paid'";

  it.each([
    "UPDATE orders SET status = 'it''s paid'",
    "UPDATE orders SET status = $$it's paid$$",
    "DO $$ BEGIN PERFORM 'it''s paid'::status; END $$",
    `SELECT '{placed,"it''s paid"}'::status[]`,
  ])('is committed before the file uses it: %s', (later) => {
    expect(groupsOf(`SELECT 1; ${add}; SELECT 2; ${later}; SELECT 3`)).toEqual([
      ['SELECT 1', add, 'SELECT 2'],
      [later, 'SELECT 3'],
    ]);
  });

  it.each([
    "UPDATE orders SET status = 'paid'",
    "COMMENT ON TYPE status IS 'it''s paid'",
    "ALTER TYPE status ADD VALUE 'refunded' AFTER 'it''s paid'",
  ])('shares the transaction otherwise: %s', (later) => expect(groupsOf(`${add}; ${later}`)).toHaveLength(1));

  it('may be used before', () => expect(groupsOf(`SELECT 'it''s paid'; ${add}`)).toHaveLength(1));

  it.each([
    "SELECT 'it''s paid'::status",
    "INSERT INTO orders (id, state) VALUES (1, 'it''s paid')",
    "UPDATE app.orders SET state = 'it''s paid'",
    "SELECT 1 WHERE EXISTS (SELECT FROM orders WHERE state = CAST('it''s paid' AS app.status))",
  ])('is refused between BEGIN and COMMIT where it is surely used: %s', (later) => {
    const folder = 'CREATE TABLE orders (id int, note text); ALTER TABLE orders ADD COLUMN state status';
    const { problems } = compiled(`BEGIN;\n${add};\n${later};\nCOMMIT`, folder);
    expect(problems).toMatchObject([
      {
        line: 3,
        message: "PostgreSQL can't use 'it's paid' in the transaction that adds it, in line 2",
        remedy: expect.stringContaining('COMMIT; BEGIN;'),
      },
    ]);
  });

  it.each([
    "INSERT INTO orders (id, note) VALUES (1, 'it''s paid')",
    "UPDATE orders SET note = 'it''s paid'",
    "SELECT 'it''s paid'::text",
    "SELECT 'it''s paid'::status[]",
  ])('is left to PostgreSQL to judge there otherwise: %s', (later) => {
    const folder = 'CREATE TABLE orders (id int, note text, state status)';
    expect(compiled(`BEGIN; ${add}; ${later}; COMMIT`, folder).problems).toEqual([]);
  });

  it('is refused there in a new type, too, which PostgreSQL 17 allows only outside of subtransactions', () => {
    expect(problemsOf(`BEGIN; CREATE TYPE status AS ENUM (); ${add}; SELECT 'it''s paid'::status; COMMIT`)).toEqual([
      "1:81 PostgreSQL can't use 'it's paid' in the transaction that adds it, in line 1",
    ]);
  });
});
