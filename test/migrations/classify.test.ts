import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { transactional } from '../helpers/sql.ts';

beforeAll(loadParser);

const outside = (...statements: string[]) =>
  it.each(statements)('outside: %s', (sql) => expect(transactional(sql)).toBe(false));
const inside = (...statements: string[]) =>
  it.each(statements)('inside: %s', (sql) => expect(transactional(sql)).toBe(true));

// Each was run between BEGIN and ROLLBACK on PostgreSQL 13 to 18.
describe('a statement runs inside or outside a transaction', () => {
  outside('CREATE INDEX CONCURRENTLY a_id ON a (id)', 'DROP INDEX CONCURRENTLY a_id');
  inside('CREATE INDEX a_id ON a (id)', 'DROP INDEX a_id', 'REFRESH MATERIALIZED VIEW CONCURRENTLY a');

  outside('REINDEX TABLE CONCURRENTLY a', 'REINDEX (CONCURRENTLY, VERBOSE) INDEX a_id');
  outside('REINDEX SCHEMA public', 'REINDEX DATABASE a', 'REINDEX SYSTEM a');
  inside('REINDEX TABLE a', 'REINDEX INDEX a_id', 'REINDEX (CONCURRENTLY false) TABLE a');

  outside('VACUUM', 'VACUUM FULL a', 'CLUSTER');
  inside('ANALYZE', 'ANALYZE a', 'CLUSTER a USING a_id', 'CHECKPOINT');

  outside('CREATE DATABASE a', 'DROP DATABASE a', 'ALTER DATABASE a SET TABLESPACE b');
  inside('ALTER DATABASE a SET work_mem = 1', 'ALTER DATABASE a CONNECTION LIMIT 5');
  outside("CREATE TABLESPACE a LOCATION '/a'", 'DROP TABLESPACE a', "ALTER SYSTEM SET work_mem = '5MB'");
  inside('ALTER TABLE a SET TABLESPACE b', 'ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b');

  outside('ALTER TABLE a DETACH PARTITION b CONCURRENTLY', 'DISCARD ALL');
  inside('ALTER TABLE a DETACH PARTITION b', 'ALTER TABLE a DETACH PARTITION b FINALIZE', 'DISCARD PLANS');

  outside("CREATE SUBSCRIPTION a CONNECTION 'x' PUBLICATION b", 'DROP SUBSCRIPTION a');
  inside(
    "CREATE SUBSCRIPTION a CONNECTION 'x' PUBLICATION b WITH (create_slot = false)",
    "CREATE SUBSCRIPTION a CONNECTION 'x' PUBLICATION b WITH (connect = false)",
  );
  outside(
    'ALTER SUBSCRIPTION a REFRESH PUBLICATION',
    'ALTER SUBSCRIPTION a ADD PUBLICATION b',
    'ALTER SUBSCRIPTION a SET (failover = true)',
  );
  inside('ALTER SUBSCRIPTION a SET PUBLICATION b WITH (refresh = off)', 'ALTER SUBSCRIPTION a DISABLE');
});

describe('what is partitioned', () => {
  const table = 'CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE INDEX p_idx ON p (id);';
  it.each(['REINDEX TABLE p', 'REINDEX INDEX p_idx', 'REINDEX INDEX p_pkey', 'CLUSTER p USING p_idx'])(
    'is rebuilt outside: %s',
    (sql) => expect(transactional(`${table} ${sql}`)).toBe(false),
  );
});

describe('procedural code', () => {
  it.each([
    'DO $$ BEGIN COMMIT; END $$',
    'DO $$ BEGIN IF true THEN ROLLBACK; END IF; END $$',
    'DO $$ BEGIN COMMIT AND CHAIN; END $$',
    'DO LANGUAGE plpgsql $$ BEGIN /* a */ commit /* b */ ; END $$',
    'DO LANGUAGE plpython3u $$ plpy.commit() $$',
    'CALL unknown()',
    'DO $$ BEGIN CALL unknown(); END $$',
  ])('runs outside if it may commit: %s', (sql) => expect(transactional(sql)).toBe(false));

  it.each([
    "DO $$ BEGIN RAISE NOTICE 'COMMIT;'; END $$",
    'DO $$ BEGIN -- COMMIT;\n NULL; END $$',
    'DO $$ BEGIN CREATE TEMP TABLE a (id int) ON COMMIT DROP; END $$',
    'DO $$ BEGIN UPDATE a SET "commit" = 1; END $$',
    'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$',
  ])('runs inside if it only says so: %s', (sql) => expect(transactional(sql)).toBe(true));

  it('follows the procedures that the folder creates', () => {
    const folder = `
      CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
      CREATE PROCEDURE "Calls"() LANGUAGE plpgsql AS 'BEGIN CALL public.commits(); END';
      CREATE PROCEDURE quiet() LANGUAGE plpgsql AS 'BEGIN CALL quiet(); END';
      CREATE PROCEDURE plain() LANGUAGE sql AS 'SELECT 1';
    `;
    expect(transactional(`${folder} CALL s.commits()`)).toBe(false);
    expect(transactional(`${folder} CALL "Calls"()`)).toBe(false);
    expect(transactional(`${folder} CALL quiet()`)).toBe(true);
    expect(transactional(`${folder} CALL plain()`)).toBe(true);
  });
});
