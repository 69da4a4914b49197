import { beforeAll, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { riskOf } from '../../lib/policy/risk.ts';
import { compiled } from '../helpers/sql.ts';

beforeAll(loadParser);

const risk = (sql: string) => riskOf(compiled(sql).statements);

const DROPS = 'drops a table, schema or type with what it holds';
const DROPS_COLUMN = 'drops a column with its data';
const REWRITES = 'may rewrite a table while nobody can use it';
const INDEX = 'builds an index while nobody can write to the table';
const REMOVES = 'removes something that code may still use';
const RENAMES = 'renames something that code may still use';
const ROWS = 'changes existing rows';
const CHECKS = 'checks every row of a table';
const CODE = 'runs code that can do anything';

it.each([
  ['DROP TABLE t', DROPS],
  ['DROP /* not much of a */ TABLE IF EXISTS t, u', DROPS],
  ['drop schema s cascade', DROPS],
  ['DROP TYPE mood', DROPS],
  ['DROP MATERIALIZED VIEW v', DROPS],
  ['DROP SEQUENCE s', DROPS],
  ['DROP EXTENSION postgis CASCADE', 'drops all that depends on something'],
  ['DROP DOMAIN d CASCADE', 'drops all that depends on something'],
  ['DROP OWNED BY somebody', 'drops all that a role owns'],
  ['DROP DATABASE d', 'drops a database'],
  ['TRUNCATE t', 'empties a table'],
  ['ALTER TABLE t DROP COLUMN x', DROPS_COLUMN],
  ['ALTER TABLE t DROP x', DROPS_COLUMN],
  ['ALTER TABLE IF EXISTS ONLY s.t DROP IF EXISTS x', DROPS_COLUMN],
  ['ALTER TABLE t ADD y int, DROP x', DROPS_COLUMN],
  ['ALTER TABLE "T, the" DROP "x y"', DROPS_COLUMN],
  ['ALTER TABLE t ALTER COLUMN x TYPE bigint', REWRITES],
  ['ALTER TABLE t ALTER x SET DATA TYPE bigint', REWRITES],
  ['ALTER TABLE t ALTER "my x" TYPE bigint', REWRITES],
  ['ALTER TABLE t ADD COLUMN id bigserial', REWRITES],
  ['ALTER TABLE t ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY', REWRITES],
  ['ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (x * 2) STORED', REWRITES],
  ['ALTER TABLE t ADD COLUMN id uuid DEFAULT gen_random_uuid()', REWRITES],
  ['ALTER TABLE t SET UNLOGGED', REWRITES],
  ['ALTER TABLE t SET TABLESPACE fast', REWRITES],
  ['VACUUM FULL t', REWRITES],
  ['CLUSTER t USING i', REWRITES],
])('takes for high: %s', (sql, reason) => {
  expect(risk(sql)).toEqual({ risk: 'high', reason: `line 1 ${reason}` });
});

it.each([
  ['CREATE INDEX i ON t (x)', INDEX],
  ['CREATE UNIQUE INDEX i ON t (x)', INDEX],
  ['REINDEX TABLE t', INDEX],
  ['DROP INDEX i', REMOVES],
  ['DROP INDEX CONCURRENTLY i', REMOVES],
  ['DROP VIEW v', REMOVES],
  ['DROP FUNCTION f()', REMOVES],
  ['DROP ROLE r', REMOVES],
  ['REVOKE SELECT ON t FROM r', REMOVES],
  ['ALTER TABLE t DROP CONSTRAINT c', REMOVES],
  ['ALTER TABLE t DETACH PARTITION p', REMOVES],
  ['ALTER TABLE t DISABLE ROW LEVEL SECURITY', REMOVES],
  ['ALTER TABLE t RENAME COLUMN x TO y', RENAMES],
  ['ALTER TABLE t RENAME TO u', RENAMES],
  ["ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", RENAMES],
  ['ALTER TABLE t SET SCHEMA s', RENAMES],
  ['UPDATE t SET x = 1', ROWS],
  ['DELETE FROM t WHERE x = 1', ROWS],
  ['MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE', ROWS],
  ['INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1', ROWS],
  ['WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO archive SELECT * FROM gone', ROWS],
  ['WITH done AS (UPDATE t SET x = 1 RETURNING id) SELECT count(*) FROM done', ROWS],
  ['CREATE TABLE archive AS WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone', ROWS],
  ['EXPLAIN ANALYZE UPDATE t SET x = 1', ROWS],
  ['PREPARE p AS DELETE FROM t', ROWS],
  ['ALTER TABLE t ALTER COLUMN x SET NOT NULL', CHECKS],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0)', CHECKS],
  ['ALTER TABLE t ADD CHECK (x IN (1, 2))', CHECKS],
  ['ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES u (id)', CHECKS],
  ['ALTER TABLE t ADD PRIMARY KEY (id)', CHECKS],
  ['ALTER TABLE t ADD UNIQUE (x)', CHECKS],
  ['ALTER TABLE t ADD COLUMN x int DEFAULT 1 CHECK (x > 0)', CHECKS],
  ['ALTER TABLE t VALIDATE CONSTRAINT c', CHECKS],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0), ADD CONSTRAINT d CHECK (y > 0) NOT VALID', CHECKS],
  ['ALTER DOMAIN d ADD CHECK (VALUE > 0)', CHECKS],
  ["DO 'BEGIN END'", CODE],
  ['CALL tidy_up()', CODE],
  ['EXECUTE p', CODE],
])('takes for medium: %s', (sql, reason) => {
  expect(risk(sql)).toEqual({ risk: 'medium', reason: `line 1 ${reason}` });
});

it.each([
  'CREATE TABLE t (id bigint PRIMARY KEY, x text UNIQUE CHECK (x <> $$drop column$$))',
  'CREATE INDEX CONCURRENTLY i ON t (x)',
  'ALTER TABLE t ADD COLUMN x int',
  'ALTER TABLE t ADD COLUMN at timestamptz NOT NULL DEFAULT now()',
  "ALTER TABLE t ADD COLUMN x text DEFAULT 'x, drop column y'",
  'ALTER TABLE t ADD COLUMN "drop column x" int',
  'ALTER TABLE t ADD COLUMN x int /* , DROP COLUMN y */',
  'ALTER TABLE t ADD CONSTRAINT c CHECK (x IN (1, 2)) NOT VALID',
  'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (x, y) REFERENCES u (x, y) NOT VALID',
  "ALTER TYPE mood ADD VALUE 'happy'",
  'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING',
  "INSERT INTO t VALUES (E'it\\'s; delete from u')",
  'GRANT SELECT ON t TO r',
  "COMMENT ON TABLE t IS 'drop table'",
])('takes for low: %s', (sql) => {
  expect(risk(sql)).toEqual({ risk: 'low', reason: 'adds without touching what is there' });
});

const HARMLESS = 'does nothing that is known to be dangerous';
const FINDS = 'adds the rows that a query finds';
const REPLACES = 'adds a definition or replaces it';

it.each([
  ['INSERT INTO t SELECT * FROM u', FINDS],
  ['INSERT INTO t TABLE u', FINDS],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', REPLACES],
  ["CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", REPLACES],
  ['REINDEX TABLE CONCURRENTLY t', HARMLESS],
  ['VACUUM ANALYZE t', HARMLESS],
  ['ALTER TABLE t ALTER COLUMN x DROP NOT NULL', HARMLESS],
  ['ALTER TABLE t ALTER COLUMN x DROP DEFAULT', HARMLESS],
  ['ALTER TABLE t ALTER COLUMN x SET DEFAULT gen_random_uuid()', HARMLESS],
  ['ALTER TABLE t ADD COLUMN y int, ALTER COLUMN x DROP DEFAULT', HARMLESS],
  ['ALTER DOMAIN d ADD CHECK (VALUE > 0) NOT VALID', HARMLESS],
  ['SELECT 1', HARMLESS],
])('says only what is true of what is low, though it does not just add: %s', (sql, reason) => {
  expect(risk(sql)).toEqual({ risk: 'low', reason: `line 1 ${reason}` });
});

it('tells of low ones what says most', () => {
  expect(risk('CREATE TABLE t ();\nSELECT 1;\nINSERT INTO t SELECT;')).toEqual({
    risk: 'low',
    reason: `line 3 ${FINDS}`,
  });
});

it('gives the most dangerous statement the word, and of equally dangerous ones the first', () => {
  expect(risk('CREATE TABLE t ();\nUPDATE t SET x = 1;\n\nDROP TABLE u;\nTRUNCATE v;')).toEqual({
    risk: 'high',
    reason: `line 4 ${DROPS}`,
  });
});

it('takes a migration without statements for low', () => {
  expect(riskOf([])).toEqual({ risk: 'low', reason: 'has nothing to execute' });
});
