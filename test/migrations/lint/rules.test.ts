import { beforeAll, describe, expect, test } from 'vitest';
import { ownFindings } from '../../../lib/migrations/lint/find.ts';
import type { JudgedRule, OwnRule } from '../../../lib/migrations/lint/rules.ts';
import { OWN } from '../../../lib/migrations/lint/rules.ts';
import { loadParser } from '../../../lib/migrations/scan.ts';
import { compiled } from '../../helpers/sql.ts';

beforeAll(() => loadParser());

type Case = [sentence: string, sql: string, found: string | null];

/** Of each rule, what it finds, named by what it is about, and what it leaves alone. */
const cases: Record<Exclude<OwnRule, JudgedRule>, Case[]> = {
  'blocking-index': [
    ['finds an index built while a table is in use', 'CREATE INDEX i ON a.orders (x)', 'a.orders'],
    ['leaves one alone that is built beside what goes on', 'CREATE INDEX CONCURRENTLY i ON orders (x)', null],
    ['leaves one alone on a table that the migration makes', 'CREATE TABLE t (x int); CREATE INDEX ON t (x)', null],
    ['leaves one alone on a temporary table', 'CREATE TEMP TABLE t AS SELECT 1 x; CREATE INDEX ON t (x)', null],
  ],
  'blocking-drop-index': [
    ['finds an index dropped under a lock', 'DROP INDEX a.i, j', 'a.i, j'],
    ['leaves one alone that is dropped concurrently', 'DROP INDEX CONCURRENTLY i', null],
    ['leaves one alone that the migration made itself', 'CREATE INDEX i ON t (x); DROP INDEX i', null],
  ],
  'blocking-reindex': [
    ['finds an index rebuilt under a lock', 'REINDEX TABLE orders', 'orders'],
    ['leaves one alone that is rebuilt concurrently', 'REINDEX INDEX CONCURRENTLY i', null],
  ],
  'blocking-constraint': [
    ['finds a foreign key that checks at once', 'ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (d)', 'a'],
    ['finds a check that checks at once', 'ALTER TABLE a ADD CONSTRAINT x CHECK (b > 0)', 'a'],
    ['finds a reference of a new column that has a value', 'ALTER TABLE a ADD b int DEFAULT 1 REFERENCES c', 'a'],
    ['leaves NOT VALID alone', 'ALTER TABLE a ADD CONSTRAINT x CHECK (b > 0) NOT VALID', null],
    ['leaves a reference of a new, empty column alone', 'ALTER TABLE a ADD b int REFERENCES c', null],
    ['leaves a new column alone that is NOT NULL by a constant', 'ALTER TABLE a ADD b int NOT NULL DEFAULT 1', null],
  ],
  'blocking-unique': [
    ['finds a unique constraint that builds its index', 'ALTER TABLE a ADD UNIQUE (b)', 'a'],
    ['finds a primary key that builds its index', 'ALTER TABLE a ADD PRIMARY KEY (b)', 'a'],
    ['finds a new column that is unique', 'ALTER TABLE a ADD b int UNIQUE', 'a'],
    ['leaves one alone that takes an index over', 'ALTER TABLE a ADD CONSTRAINT x UNIQUE USING INDEX i', null],
  ],
  'validate-at-once': [
    [
      'finds a constraint validated in the transaction that adds it',
      'ALTER TABLE a ADD CONSTRAINT x CHECK (b > 0) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT x',
      'x',
    ],
    [
      'leaves one alone that is validated in a transaction of its own',
      '-- lockstep: stepwise\nALTER TABLE a ADD CONSTRAINT x CHECK (b > 0) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT x',
      null,
    ],
  ],
  'scanning-not-null': [
    ['finds NOT NULL that has to scan', 'ALTER TABLE a ALTER b SET NOT NULL', 'a.b'],
    [
      'leaves it alone where a validated check says it',
      'ALTER TABLE a ADD CONSTRAINT x CHECK (c > 0 AND b IS NOT NULL) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT x; ALTER TABLE a ALTER b SET NOT NULL',
      null,
    ],
    [
      'finds it where the check is not validated',
      'ALTER TABLE a ADD CONSTRAINT x CHECK (b IS NOT NULL) NOT VALID; ALTER TABLE a ALTER b SET NOT NULL',
      'a.b',
    ],
    [
      'finds it where the check is about another column',
      'ALTER TABLE a ADD CONSTRAINT x CHECK (c IS NOT NULL); ALTER TABLE a ALTER b SET NOT NULL',
      'a.b',
    ],
  ],
  'table-rewrite': [
    ['finds a default that differs by row', 'ALTER TABLE a ADD b uuid DEFAULT gen_random_uuid()', 'a'],
    ['finds serial', 'ALTER TABLE a ADD b bigserial', 'a'],
    ['finds an identity', 'ALTER TABLE a ADD b bigint GENERATED ALWAYS AS IDENTITY', 'a'],
    ['finds a stored column', 'ALTER TABLE a ADD b int GENERATED ALWAYS AS (c + 1) STORED', 'a'],
    ['finds SET UNLOGGED', 'ALTER TABLE a SET UNLOGGED', 'a'],
    ['finds VACUUM FULL', 'VACUUM (FULL) a', 'a'],
    ['leaves a constant alone', "ALTER TABLE a ADD b text DEFAULT 'x', ADD c jsonb DEFAULT '{}'::jsonb", null],
    ['leaves now() alone, which is one for all rows', 'ALTER TABLE a ADD b timestamptz DEFAULT now()', null],
    ['leaves VACUUM alone', 'VACUUM a', null],
  ],
  'type-change': [
    ['finds another type', 'ALTER TABLE a ALTER b TYPE bigint', 'a.b'],
    ['leaves another default alone', 'ALTER TABLE a ALTER b SET DEFAULT 1', null],
  ],
  'required-column': [
    ['finds a column that no row can have', 'ALTER TABLE a ADD b int NOT NULL', 'b'],
    ['leaves one alone that has a default', 'ALTER TABLE a ADD b int NOT NULL DEFAULT 0', null],
    ['leaves an identity alone', 'ALTER TABLE a ADD b int NOT NULL GENERATED ALWAYS AS IDENTITY', null],
    ['leaves a table alone that the migration makes', 'CREATE TABLE a (); ALTER TABLE a ADD b int NOT NULL', null],
  ],
  'blocking-refresh': [
    ['finds a view refreshed under a lock', 'REFRESH MATERIALIZED VIEW v', 'v'],
    ['leaves one alone that is refreshed concurrently', 'REFRESH MATERIALIZED VIEW CONCURRENTLY v', null],
  ],
  'blocking-detach': [
    ['finds a partition detached under a lock', 'ALTER TABLE p DETACH PARTITION q', 'p'],
    ['leaves one alone that is detached concurrently', 'ALTER TABLE p DETACH PARTITION q CONCURRENTLY', null],
  ],
  'explicit-lock': [
    ['finds LOCK', 'LOCK TABLE a, b', 'a, b'],
    ['leaves a table alone that the migration makes', 'CREATE TABLE a (); LOCK TABLE a', null],
  ],
  'many-locks': [
    [
      'finds the third table that a transaction locks',
      'ALTER TABLE a ADD x int; ALTER TABLE b ADD x int; ALTER TABLE c ADD x int; ALTER TABLE d ADD x int',
      'a, b, c',
    ],
    ['leaves two alone', 'ALTER TABLE a ADD x int; ALTER TABLE b ADD x int; ALTER TABLE a ADD y int', null],
    [
      'leaves transactions of their own alone',
      '-- lockstep: stepwise\nALTER TABLE a ADD x int; ALTER TABLE b ADD x int; ALTER TABLE c ADD x int',
      null,
    ],
  ],
  'unbounded-backfill': [
    ['finds UPDATE without WHERE', 'UPDATE a SET b = 1', 'a'],
    ['finds UPDATE of all that is still empty', 'UPDATE a SET b = 1 WHERE b IS NULL', 'a'],
    ['finds UPDATE by a join alone', 'UPDATE a SET b = c.d FROM c WHERE c.id = a.id', 'a'],
    ['finds DELETE without WHERE', 'DELETE FROM a', 'a'],
    ['finds DELETE in WITH', 'CREATE TABLE c AS WITH d AS (DELETE FROM a RETURNING *) TABLE d', 'a'],
    ['finds UPDATE behind EXPLAIN', 'EXPLAIN ANALYZE UPDATE a SET b = 1', 'a'],
    ['leaves a range alone in WITH', 'WITH d AS (DELETE FROM a WHERE id < 9 RETURNING 1) TABLE d', null],
    ['leaves a range alone', 'UPDATE a SET b = 1 WHERE id BETWEEN 1 AND 10 AND b IS NULL', null],
    ['leaves one row alone', 'UPDATE a SET b = 1 WHERE id = 7', null],
    ['leaves a table alone that the migration makes', 'CREATE TABLE a (b int); UPDATE a SET b = 1', null],
  ],
  'backfill-under-lock': [
    ['finds a backfill behind ALTER TABLE', 'ALTER TABLE a ADD b int; UPDATE a SET b = 1', 'a'],
    ['leaves one before it alone', 'UPDATE a SET b = 1; ALTER TABLE a ADD c int', null],
    [
      'leaves one in a transaction of its own alone',
      '-- lockstep: stepwise\nALTER TABLE a ADD b int; UPDATE a SET b = 1',
      null,
    ],
  ],
  'drop-column': [
    ['finds a column dropped', 'ALTER TABLE a DROP COLUMN b', 'a.b'],
    ['leaves a constraint dropped alone', 'ALTER TABLE a DROP CONSTRAINT b', null],
  ],
  'drop-table': [
    ['finds tables and schemas dropped', 'DROP TABLE s.a, b; DROP SCHEMA c', 's.a, b, c'],
    ['leaves a table alone that the migration makes', 'CREATE TABLE a (); DROP TABLE a', null],
    ['leaves functions alone', 'DROP FUNCTION f()', null],
  ],
  rename: [
    ['finds a column renamed', 'ALTER TABLE a RENAME b TO c', 'a.b'],
    ['finds a table renamed', 'ALTER TABLE a RENAME TO b', 'a'],
    ['finds a table moved', 'ALTER TABLE a SET SCHEMA s', 'a'],
    ['leaves an index renamed alone', 'ALTER INDEX i RENAME TO j', null],
    ['leaves a constraint renamed alone', 'ALTER TABLE a RENAME CONSTRAINT b TO c', null],
  ],
  'drop-cascade': [
    ['finds a table dropped with all that depends on it', 'DROP TABLE a CASCADE', 'a'],
    ['finds a column dropped with all that depends on it', 'ALTER TABLE a DROP b CASCADE', 'a.b'],
    ['leaves one alone without CASCADE', 'DROP TABLE a', null],
    ['leaves one alone that the migration makes', 'CREATE TABLE a (); DROP TABLE a CASCADE', null],
    ['leaves ON DELETE CASCADE alone', 'CREATE TABLE a (b int REFERENCES c ON DELETE CASCADE)', null],
  ],
  truncate: [
    ['finds TRUNCATE', 'TRUNCATE a, b', 'a, b'],
    ['leaves a temporary table alone', 'CREATE TEMP TABLE t (x int); TRUNCATE t', null],
    ['finds it in DO', 'DO $$ BEGIN IF true THEN TRUNCATE TABLE ONLY s."A"; END IF; END $$', 's."A"'],
    ['finds it in DO, executed', "DO $$ BEGIN EXECUTE format('truncate %I', 'a'); END $$", 'a table by EXECUTE'],
    ['finds it in a function', "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT 1; TRUNCATE a'", 'a'],
    [
      'leaves alone what is called so, or told',
      "DO $$ DECLARE t text; BEGIN t := truncate; GRANT TRUNCATE ON a TO b; RAISE NOTICE 'truncate a'; -- TRUNCATE a\nEND $$",
      null,
    ],
  ],
  'truncate-cascade': [
    ['finds TRUNCATE with all that refers to it', 'TRUNCATE a CASCADE', 'a'],
    ['leaves one alone without CASCADE', 'TRUNCATE a', null],
  ],
  'grant-to-public': [
    ['finds a grant to everybody', 'GRANT SELECT ON a TO bob, PUBLIC', ''],
    ['finds a default grant to everybody', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC', ''],
    ['leaves a grant to a role alone', 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO bob', null],
    ['leaves a revocation alone', 'REVOKE ALL ON a FROM PUBLIC', null],
  ],
  'secret-in-file': [
    ['finds a password of a role', "ALTER ROLE bob PASSWORD 'x'", 'a password'],
    ['finds a password of a foreign server', "CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'x')", 'a password'],
    ['finds an access key', "INSERT INTO a VALUES ('AKIAIOSFODNN7EXAMPLE')", 'an AWS access key'],
    ['finds a connection string', "SELECT dblink('postgresql://u:p@h/d')", 'a connection string with a password'],
    ['leaves PASSWORD NULL alone', 'ALTER ROLE bob PASSWORD NULL', null],
    ['leaves a column called password alone', 'CREATE TABLE a (password text)', null],
  ],
  'unsafe-definer': [
    [
      'finds a definer without a path',
      'CREATE FUNCTION s.f() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1',
      's.f',
    ],
    [
      'leaves one alone that has a path',
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' RETURN 1",
      null,
    ],
    ['leaves an invoker alone', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1', null],
  ],
  'mighty-role': [
    ['finds BYPASSRLS', 'ALTER ROLE bob BYPASSRLS', 'bob'],
    ['finds rds_superuser', 'GRANT rds_superuser TO bob', 'bob'],
    ['leaves other roles alone', 'GRANT rds_iam TO bob; ALTER ROLE bob NOSUPERUSER', null],
  ],
  'row-security-off': [
    ['finds row level security switched off', 'ALTER TABLE a DISABLE ROW LEVEL SECURITY', 'a'],
    ['leaves it alone where it is switched on', 'ALTER TABLE a ENABLE ROW LEVEL SECURITY', null],
  ],
  'trigger-off': [
    ['finds triggers switched off', 'ALTER TABLE a DISABLE TRIGGER ALL', 'a'],
    ['leaves them alone where they are switched on', 'ALTER TABLE a ENABLE TRIGGER t', null],
  ],
  'cluster-wide-object': [
    ['finds a role', 'CREATE ROLE bob', 'the role bob'],
    ['finds a database', 'CREATE DATABASE d', 'the database d'],
    ['leaves one alone that may be gone', 'DROP ROLE IF EXISTS bob', null],
    ['leaves one alone that is made where it is missing', 'DO $$ BEGIN CREATE ROLE bob; END $$', null],
  ],
  'names-a-database': [
    ['finds a grant on a database', 'GRANT CONNECT ON DATABASE d TO bob', 'd'],
    ['finds a setting of a database', "ALTER DATABASE d SET work_mem = '1MB'", 'd'],
    [
      'leaves the current one alone',
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I', current_database()); END $$",
      null,
    ],
  ],
  'lasting-setting': [
    ['finds a setting of a role', "ALTER ROLE bob SET work_mem = '1MB'", 'work_mem'],
    ['leaves SET LOCAL alone', "SET LOCAL work_mem = '1MB'; SELECT 1", null],
  ],
  'if-not-exists': [
    ['finds a table', 'CREATE TABLE IF NOT EXISTS a ()', 'a'],
    ['finds a column', 'ALTER TABLE a ADD COLUMN IF NOT EXISTS b int', 'a.b'],
    ['leaves a schema alone, which has no shape', 'CREATE SCHEMA IF NOT EXISTS s', null],
  ],
  'unpinned-extension': [
    ['finds an extension of any version', 'CREATE EXTENSION citext', 'citext'],
    ['leaves one alone of a version', "CREATE EXTENSION citext VERSION '1.6'", null],
  ],
  'leaking-set': [
    ['finds SET in a body that commits', "DO $$ BEGIN SET work_mem = '1MB'; COMMIT; END $$", 'work_mem'],
    ['finds set_config for the session', "DO $$ BEGIN PERFORM set_config('a.b', 'c', false); COMMIT; END $$", 'a.b'],
    [
      'finds it in a procedure that commits',
      "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN SET SESSION work_mem = '1MB'; COMMIT; END $$",
      'work_mem',
    ],
    ['leaves SET LOCAL alone', "DO $$ BEGIN SET LOCAL work_mem = '1MB'; COMMIT; END $$", null],
    ['leaves UPDATE … SET alone', 'DO $$ BEGIN UPDATE a SET b = 1 WHERE c = 2; COMMIT; END $$', null],
    ['leaves a body alone that Lockstep commits', "DO $$ BEGIN SET work_mem = '1MB'; END $$", null],
  ],
  'unrepeatable-step': [
    ['finds a body that commits', 'DO $$ BEGIN DELETE FROM a; COMMIT; END $$', ''],
    ['leaves an index alone, which the catalog shows', 'CREATE INDEX CONCURRENTLY i ON a (b)', null],
    ['leaves VACUUM alone, which can be repeated', 'VACUUM a', null],
  ],
  'concurrently-if-not-exists': [
    ['finds an index that may be there, invalid', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (b)', 'i'],
    ['leaves one alone that has to be new', 'CREATE INDEX CONCURRENTLY i ON a (b)', null],
  ],
};

describe.each(Object.entries(cases))('%s', (rule, its) => {
  test.each(its)('%s: %s', (_, sql, expected) => {
    const found = findings(sql).filter((it) => it.rule === rule);
    expect(found.length > 0 ? found.map(({ of = '' }) => of).join(', ') : null).toBe(expected);
  });
});

test('every rule that looks at statements is shown to find something and to leave something alone', () => {
  const unshown = ['missing-down', 'unused-exception'];
  expect(Object.keys(cases).sort()).toEqual(
    Object.keys(OWN)
      .filter((name) => !unshown.includes(name))
      .sort(),
  );
  for (const [rule, its] of Object.entries(cases)) {
    expect(
      its.some(([, , found]) => found !== null),
      rule,
    ).toBe(true);
    expect(
      its.some(([, , found]) => found === null),
      rule,
    ).toBe(true);
  }
});

test('a finding stands where its cause does, in characters, whatever stands before it', () => {
  const sql = "-- é\n/* ä */ ALTER TABLE a\n  ADD x text DEFAULT 'ü', ADD y int NOT NULL;";
  expect(findings(sql)).toEqual([{ rule: 'required-column', statement: 0, line: 3, column: 31, of: 'y' }]);
  expect(findings('/* ä */ DROP INDEX i;')).toMatchObject([{ line: 1, column: 9 }]);
});

test('what takes a migration back is held to what is wrong at any time, and to nothing else', () => {
  const down = compiled('DROP TABLE a; GRANT SELECT ON b TO PUBLIC; UPDATE c SET d = 1').statements;
  const found = ownFindings([{ up: [], down: { file: '', checksum: '', mode: 'transactional', statements: down } }]);
  expect(found).toEqual([[{ rule: 'grant-to-public', direction: 'down', statement: 1, line: 1, column: 36 }]]);
});

test('a check of an earlier migration saves a later one its scan', () => {
  const [first, second, third] = [
    'ALTER TABLE a ADD CONSTRAINT x CHECK (b IS NOT NULL) NOT VALID',
    'ALTER TABLE a VALIDATE CONSTRAINT x',
    'ALTER TABLE a ALTER b SET NOT NULL',
  ].map((sql) => ({ up: compiled(sql).statements, down: null }));
  const scans = (migrations: (typeof first)[]) =>
    ownFindings(migrations.map((it) => it!))
      .flat()
      .filter(({ rule }) => rule === 'scanning-not-null').length;
  expect([scans([first, second, third]), scans([first, third]), scans([third])]).toEqual([0, 1, 1]);
});

const findings = (sql: string) => ownFindings([{ up: compiled(sql).statements, down: null }]).flat();
