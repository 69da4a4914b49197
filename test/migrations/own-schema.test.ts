import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled } from '../helpers/sql.ts';

beforeAll(loadParser);

describe("Lockstep's own schema", () => {
  it.each([
    'CREATE SCHEMA lockstep',
    'DROP SCHEMA a, lockstep CASCADE',
    'ALTER SCHEMA lockstep RENAME TO a',
    'ALTER SCHEMA a RENAME TO lockstep',
    'ALTER SCHEMA lockstep OWNER TO a',
    'GRANT USAGE ON SCHEMA lockstep TO a',
    'GRANT SELECT ON ALL TABLES IN SCHEMA lockstep TO a',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA lockstep GRANT SELECT ON TABLES TO a',
    'CREATE TABLE lockstep.a (id int)',
    'CREATE TABLE lockstep.a AS SELECT 1',
    'CREATE TABLE a (id int REFERENCES lockstep.history)',
    'DROP TABLE a, lockstep.history',
    'ALTER TABLE lockstep.history ADD COLUMN a int',
    'ALTER TABLE a SET SCHEMA lockstep',
    'CREATE INDEX ON lockstep.history (id)',
    'CREATE TRIGGER a AFTER INSERT ON lockstep.history EXECUTE FUNCTION b()',
    'CREATE OR REPLACE FUNCTION lockstep.apply() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'DROP FUNCTION lockstep.apply(jsonb)',
    'DROP TYPE lockstep.a',
    "COMMENT ON COLUMN lockstep.history.id IS 'a'",
    'INSERT INTO lockstep.history VALUES (1)',
    'UPDATE lockstep.history SET a = 1',
    'DELETE FROM lockstep.history',
    'TRUNCATE a, lockstep.history',
    'LOCK TABLE lockstep.history',
    'WITH a AS (DELETE FROM lockstep.history RETURNING *) SELECT * FROM a',
    'SELECT lockstep.apply()',
    'SELECT * FROM lockstep.apply()',
    'CALL lockstep.run()',
    'SET search_path = lockstep, public',
    'CREATE EXTENSION hstore SCHEMA lockstep',
    'DROP SCHEMA LockStep',
    'CREATE TABLE U&"\\006cockstep".a (id int)',
    "SET search_path = E'lock\\x73tep'",
    "SET search_path = 'lock'\n'step', public",
  ])('is refused: %s', (sql) => {
    expect(compiled(`SELECT 1;\n ${sql}`).problems).toMatchObject([
      { line: 2, column: 2, message: "the schema lockstep is Lockstep's own: migrations can't touch it" },
    ]);
  });

  it.each([
    'SELECT * FROM lockstep.history',
    'CREATE VIEW a AS SELECT * FROM lockstep.history JOIN b USING (id)',
    'INSERT INTO a SELECT id FROM lockstep.history',
    'UPDATE a SET b = h.id FROM lockstep.history h',
    'DELETE FROM a USING lockstep.history h WHERE h.id = a.id',
    'CREATE TABLE lockstep (id int, PRIMARY KEY (id))',
    "COMMENT ON COLUMN lockstep.id IS 'of a table that is called so'",
    'SELECT lockstep.id FROM lockstep',
    'GRANT USAGE ON SCHEMA public TO lockstep',
    "COMMENT ON SCHEMA public IS 'lockstep'",
    'CREATE TABLE a (lockstep int, b int, UNIQUE (lockstep, b))',
  ])('is not meant: %s', (sql) => expect(compiled(sql).problems).toEqual([]));
});
