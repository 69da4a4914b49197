import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { riskOf } from '../../lib/policy/risk.ts';
import { type Facts, largest, type TableFacts } from '../../lib/policy/table-facts.ts';
import { compiled } from '../helpers/sql.ts';

beforeAll(loadParser);

const table = (more: Partial<TableFacts>): TableFacts => ({
  ...{ table: 'orders', database: 'orders-3/acme', rows: 0, bytes: 8192, writes: 0, dependants: 0, ...more },
});

const sizes = {
  empty: table({}),
  small: table({ rows: 1_234, bytes: 210_000 }),
  middle: table({ rows: 800_000, bytes: 260_000_000, writes: 4, dependants: 1 }),
  big: table({ rows: 40_300_000, bytes: 8_200_000_000, writes: 250, dependants: 3 }),
};

const facts = (...all: TableFacts[]): Facts => ({ tables: new Map(all.map((it) => [it.table, it])), made: new Set() });

const risk = (sql: string, known: Facts) => {
  const { risk, reason } = riskOf(compiled(sql).statements, known);
  return `${risk}: ${reason}`;
};

const EMPTY = 'orders is empty in orders-3/acme';
const SMALL = 'orders has 1,200 rows (210 kB) in orders-3/acme';
const MIDDLE = 'orders has 800,000 rows (260 MB) in orders-3/acme';
const BIG = 'orders has 40 million rows (8.2 GB) in orders-3/acme';
const ONE = '1 view or foreign key depends on it';
const THREE = '3 views or foreign keys depend on it';
const ADDS = 'low: adds without touching what is there';
const HARMLESS = 'low: line 1 does nothing that is known to be dangerous';
const INDEX = 'line 1 builds an index while nobody can write to the table';
const REWRITE = 'line 1 may rewrite a table while nobody can use it';
const CHECK = 'line 1 checks every row of a table';
const COLUMN = 'line 1 drops a column with its data';
const DROP = 'line 1 drops a table, schema or type with what it holds';
const TRUNCATE = 'line 1 empties a table';
const ROWS = 'line 1 changes existing rows';
const RENAME = 'line 1 renames something that code may still use';
const BUSY = `medium: line 1 needs everybody off a busy table for a moment: ${BIG}, 250 rows written a second`;

describe.each<[string, Record<keyof typeof sizes, string>]>([
  ['ALTER TABLE orders ADD COLUMN note text', { empty: ADDS, small: ADDS, middle: ADDS, big: BUSY }],
  [
    'ALTER TABLE orders ALTER COLUMN note SET DEFAULT 1',
    { empty: HARMLESS, small: HARMLESS, middle: HARMLESS, big: BUSY },
  ],
  ['CREATE INDEX CONCURRENTLY i ON orders (note)', { empty: ADDS, small: ADDS, middle: ADDS, big: ADDS }],
  ["INSERT INTO orders VALUES (1, 'x')", { empty: ADDS, small: ADDS, middle: ADDS, big: ADDS }],
  [
    'CREATE INDEX i ON orders (note)',
    {
      empty: `low: ${INDEX}: ${EMPTY}`,
      small: `low: ${INDEX}: ${SMALL}, less than a second`,
      middle: `medium: ${INDEX}: ${MIDDLE}, some 7 seconds, 4 rows written a second`,
      big: `high: ${INDEX}: ${BIG}, some 3 minutes, 250 rows written a second`,
    },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN id TYPE bigint',
    {
      empty: `low: ${REWRITE}: ${EMPTY}`,
      small: `low: ${REWRITE}: ${SMALL}, less than a second`,
      middle: `medium: ${REWRITE}: ${MIDDLE}, some 5 seconds, 4 rows written a second`,
      big: `high: ${REWRITE}: ${BIG}, some 3 minutes, 250 rows written a second`,
    },
  ],
  [
    'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()',
    {
      empty: `low: ${REWRITE}: ${EMPTY}`,
      small: `low: ${REWRITE}: ${SMALL}, less than a second`,
      middle: `medium: ${REWRITE}: ${MIDDLE}, some 5 seconds, 4 rows written a second`,
      big: `high: ${REWRITE}: ${BIG}, some 3 minutes, 250 rows written a second`,
    },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN note SET NOT NULL',
    {
      empty: `low: ${CHECK}: ${EMPTY}`,
      small: `low: ${CHECK}: ${SMALL}, less than a second`,
      middle: `medium: ${CHECK}: ${MIDDLE}, about a second, 4 rows written a second`,
      big: `high: ${CHECK}: ${BIG}, some 41 seconds, 250 rows written a second`,
    },
  ],
  [
    'ALTER TABLE orders VALIDATE CONSTRAINT c',
    {
      empty: `low: ${CHECK}: ${EMPTY}`,
      small: `low: ${CHECK}: ${SMALL}, less than a second`,
      middle: `low: ${CHECK}: ${MIDDLE}, about a second`,
      big: `low: ${CHECK}: ${BIG}, some 41 seconds`,
    },
  ],
  [
    'ALTER TABLE orders DROP COLUMN note',
    {
      empty: `low: ${COLUMN}: ${EMPTY}`,
      small: `high: ${COLUMN}: ${SMALL}`,
      middle: `high: ${COLUMN}: ${MIDDLE}, ${ONE}`,
      big: `high: ${COLUMN}: ${BIG}, ${THREE}`,
    },
  ],
  [
    'DROP TABLE orders',
    {
      empty: `low: ${DROP}: ${EMPTY}`,
      small: `high: ${DROP}: ${SMALL}`,
      middle: `high: ${DROP}: ${MIDDLE}, ${ONE}`,
      big: `high: ${DROP}: ${BIG}, ${THREE}`,
    },
  ],
  [
    'TRUNCATE orders',
    {
      empty: `low: ${TRUNCATE}: ${EMPTY}`,
      small: `high: ${TRUNCATE}: ${SMALL}`,
      middle: `high: ${TRUNCATE}: ${MIDDLE}, ${ONE}`,
      big: `high: ${TRUNCATE}: ${BIG}, ${THREE}`,
    },
  ],
  [
    "UPDATE orders SET note = ''",
    {
      empty: `low: ${ROWS}: ${EMPTY}`,
      small: `medium: ${ROWS}: ${SMALL}`,
      middle: `high: ${ROWS}: ${MIDDLE}, every row`,
      big: `high: ${ROWS}: ${BIG}, every row`,
    },
  ],
  [
    "UPDATE orders SET note = 'where' WHERE id = 1",
    {
      empty: `low: ${ROWS}: ${EMPTY}`,
      small: `medium: ${ROWS}: ${SMALL}`,
      middle: `medium: ${ROWS}: ${MIDDLE}`,
      big: `medium: ${ROWS}: ${BIG}`,
    },
  ],
  [
    'DELETE FROM orders -- where',
    {
      empty: `low: ${ROWS}: ${EMPTY}`,
      small: `high: ${ROWS}: ${SMALL}, every row`,
      middle: `high: ${ROWS}: ${MIDDLE}, every row`,
      big: `high: ${ROWS}: ${BIG}, every row`,
    },
  ],
  [
    'ALTER TABLE orders RENAME COLUMN note TO remark',
    {
      empty: `low: ${RENAME}: ${EMPTY}`,
      small: `medium: ${RENAME}: ${SMALL}`,
      middle: `medium: ${RENAME}: ${MIDDLE}, ${ONE}`,
      big: `medium: ${RENAME}: ${BIG}, ${THREE}`,
    },
  ],
])('%s', (sql, expected) => {
  it.each(Object.keys(sizes) as (keyof typeof sizes)[])('on a table that is %s', (size) => {
    expect(risk(sql, facts(sizes[size]))).toBe(expected[size]);
  });
});

describe('weighs what the same run makes as empty, and says what is done to it all the same:', () => {
  const made = { tables: new Map(), made: new Set(['orders', 'items']) };

  it.each([
    ['CREATE INDEX i ON orders (note)', `low: ${INDEX}: orders is new`],
    ["UPDATE orders SET note = ''", `low: ${ROWS}: orders is new`],
    ['DELETE FROM orders', `low: ${ROWS}: orders is new`],
    ['ALTER TABLE orders ADD FOREIGN KEY (item) REFERENCES items (id)', `low: ${CHECK}: items and orders are new`],
    ['CREATE TABLE orders ()', ADDS],
    ['ALTER TABLE orders ADD COLUMN note text', ADDS],
  ])('%s', (sql, expected) => {
    expect(risk(sql, made)).toBe(expected);
  });
});

it('says of the sample that fills rows what it does, where the whole of it is new', async () => {
  const sql = await readFile('migrations/0009_backfill_order_totals.up.sql', 'utf8');
  expect(risk(sql, { tables: new Map(), made: new Set(['orders']) })).toBe(
    'low: line 2 changes existing rows: orders is new',
  );
});

it.each([
  ['CREATE INDEX i ON orders (note)', `high: ${INDEX}: nothing is known of orders`],
  ['ALTER TABLE orders ADD CHECK (id > 0)', `high: ${CHECK}: nothing is known of orders`],
  ['ALTER TABLE orders VALIDATE CONSTRAINT c', `medium: ${CHECK}`],
  ["UPDATE orders SET note = ''", `high: ${ROWS}: nothing is known of orders`],
  ['DELETE FROM orders', `high: ${ROWS}: nothing is known of orders`],
  ['DELETE FROM orders WHERE id = 1', `medium: ${ROWS}`],
  ['ALTER TABLE orders ALTER COLUMN id TYPE bigint', `high: ${REWRITE}`],
  ['ALTER TABLE orders RENAME COLUMN note TO remark', `medium: ${RENAME}`],
])('takes a table that nobody could measure for one that may be large: %s', (sql, expected) => {
  expect(risk(sql, facts())).toBe(expected);
});

it('says nothing of tables where nobody was to look at them', () => {
  expect(riskOf(compiled('CREATE INDEX i ON orders (note)').statements)).toEqual({ risk: 'medium', reason: INDEX });
});

it('lets the table speak where it is worst', () => {
  const both = facts(sizes.small, table({ table: 'items', rows: 9_000_000, bytes: 3e9 }));
  expect(risk('ALTER TABLE orders ADD FOREIGN KEY (item) REFERENCES items (id)', both)).toBe(
    `high: ${CHECK}: items has 9 million rows (3 GB) in orders-3/acme, some 15 seconds`,
  );
});

it('knows tables by the names that statements give them', () => {
  const known = facts(table({ table: 'shop."Order"', rows: 5, bytes: 8192 }));
  expect(risk('TRUNCATE shop."Order"', known)).toBe(
    `high: ${TRUNCATE}: shop."Order" has 5 rows (8.2 kB) in orders-3/acme`,
  );
});

it('takes the largest of several databases for each table', () => {
  const more = { ...sizes.small, database: 'orders-1/globex' };
  expect(largest([more, sizes.big, table({ table: 'items' })]).map((it) => [it.table, it.database])).toEqual([
    ['items', 'orders-3/acme'],
    ['orders', 'orders-3/acme'],
  ]);
});
