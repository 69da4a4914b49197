import { beforeAll, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled } from '../helpers/sql.ts';

beforeAll(loadParser);

it.each<[string, string[] | undefined]>([
  ['ALTER TABLE orders ADD COLUMN x int', ['orders']],
  ['ALTER TABLE shop."Order" DROP x', ['shop."Order"']],
  ['ALTER TABLE "user" DROP x', ['"user"']],
  ['ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b (id)', ['a', 'b']],
  ['ALTER TABLE a ADD COLUMN x int REFERENCES b (id)', ['a', 'b']],
  ['CREATE INDEX ON orders (x)', ['orders']],
  ['DROP TABLE a, s.b', ['a', 's.b']],
  ['DROP VIEW v', undefined],
  ['TRUNCATE a, b', ['a', 'b']],
  ['UPDATE a SET x = 1 FROM b', ['a']],
  ['WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone', ['a']],
  ['CREATE TABLE b AS WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', ['a', 'b']],
  ['EXPLAIN ANALYZE DELETE FROM a', ['a']],
  ['EXPLAIN ANALYZE CREATE TABLE b AS WITH gone AS (DELETE FROM a RETURNING *) TABLE gone', ['a', 'b']],
  ['PREPARE p AS UPDATE a SET x = 1', ['a']],
  ['INSERT INTO a VALUES (1)', undefined],
  ['INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1', ['a']],
  ['ALTER TABLE a RENAME COLUMN x TO y', ['a']],
  ['CREATE TABLE a (id int)', ['a']],
  ['CREATE TABLE a AS SELECT 1', ['a']],
  ['CREATE TEMP TABLE a (id int)', ['a']],
  ['VACUUM FULL a', ['a']],
  ['REFRESH MATERIALIZED VIEW m', ['m']],
  ["DO 'BEGIN END'", undefined],
  ['SELECT 1', undefined],
])('%s touches %j', (sql, touches) => {
  expect(compiled(sql).statements.map((it) => it.touches)).toEqual([touches]);
});
