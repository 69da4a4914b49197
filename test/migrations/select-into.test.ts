import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, tree } from '../helpers/sql.ts';

beforeAll(loadParser);

const executed = (sql: string) => {
  const { statements, problems } = compiled(`-- größe\nSELECT 0; ${sql}`);
  expect(problems).toEqual([]);
  return statements.at(-1)!.wire;
};

describe('SELECT INTO', () => {
  it.each([
    ['SELECT a INTO b FROM c', 'CREATE TABLE b AS SELECT a  FROM c'],
    ['SELECT INTO b', 'CREATE TABLE b AS SELECT '],
    ['select * into temp table b from c', 'CREATE TEMPORARY TABLE b AS select *  from c'],
    ['SELECT 1 INTO UNLOGGED app . "B""" FROM c', 'CREATE UNLOGGED TABLE app . "B""" AS SELECT 1  FROM c'],
    ['SELECT 1 AS "into" /* INTO */ INTO/* x */b', 'CREATE TABLE b AS SELECT 1 AS "into" /* INTO */ '],
    ['WITH q AS (SELECT 1) SELECT * INTO b FROM q', 'CREATE TABLE b AS WITH q AS (SELECT 1) SELECT *  FROM q'],
    ["SELECT '表' INTO größe UNION SELECT 'b'", "CREATE TABLE größe AS SELECT '表'  UNION SELECT 'b'"],
    ['(SELECT 1 INTO b) LIMIT 1', 'CREATE TABLE b AS (SELECT 1 ) LIMIT 1'],
  ])('is executed as CREATE TABLE AS: %s', (sql, expected) => {
    expect(executed(sql)).toBe(expected);
    expect(compiled(sql).statements[0]!.sql).toBe(sql);
  });

  it.each([
    'SELECT 1',
    'CREATE TABLE b AS SELECT 1',
    'INSERT INTO b SELECT 1',
    'DO $$ DECLARE b int; BEGIN SELECT 1 INTO b; END $$',
  ])('is not what %s is', (sql) => expect(executed(sql)).toBeUndefined());

  it('becomes the very query it was, whatever stands around', () => {
    const list = fc.constantFrom(
      '',
      '1',
      'a, "into", c.d',
      "'into' AS x",
      '(SELECT 1) AS y',
      'count(*) FILTER (WHERE a)',
    );
    const how = fc.constantFrom(
      '',
      'TEMP ',
      'TEMPORARY TABLE ',
      'LOCAL TEMP ',
      'UNLOGGED ',
      'UNLOGGED TABLE ',
      'TABLE ',
    );
    const name = fc.constantFrom('t', 's.t', 'temp_1', '"into"', 's . "T.""x"', 'd.s.größe');
    const rest = fc.constantFrom(
      '',
      'FROM t',
      'FROM s.t UNION ALL SELECT 2',
      'FROM t WHERE a IN (1, 2) ORDER BY 1',
      'GROUP BY ()',
    );
    const gap = fc.constantFrom(' ', '\r\n', ' /* into t */ ', ' -- into t\n');
    fc.assert(
      fc.property(list, how, name, rest, gap, (...[what, kind, table, from, blank]) => {
        const sql = ['SELECT', what, `INTO ${kind}${table}`, from].join(blank);
        const made = Object.entries(tree(executed(sql)!) as Record<string, Made>)[0]!;
        const [{ SelectStmt: select }] = [tree(sql) as { SelectStmt: Selected }];
        const { intoClause, query } = taken(select);
        expect(made).toEqual([
          'CreateTableAsStmt',
          { query: { SelectStmt: query }, into: intoClause, objtype: 'OBJECT_TABLE' },
        ]);
      }),
      { numRuns: 300 },
    );
  });
});

type Made = { query: unknown; into: unknown };
type Selected = { intoClause?: unknown; larg?: Selected };

/** The INTO of a parsed SELECT, and the SELECT without it. */
const taken = ({ intoClause, larg, ...rest }: Selected): { intoClause: unknown; query: Selected } => {
  if (!larg) return { intoClause, query: rest };
  const first = taken(larg);
  return { intoClause: first.intoClause, query: { ...rest, larg: first.query } };
};
