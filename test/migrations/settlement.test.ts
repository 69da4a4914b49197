import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled } from '../helpers/sql.ts';

beforeAll(loadParser);

const settles = (sql: string) => compiled(sql).statements[0]!.settles;

describe('whether a lost statement took effect', () => {
  it.each([
    ['CREATE INDEX CONCURRENTLY a_id ON a (id)', null, 'a_id'],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "A id" ON "S".a (id)', 'S', 'A id'],
    ['CREATE INDEX CONCURRENTLY A_ID ON a (id)', null, 'a_id'],
    ['CREATE INDEX CONCURRENTLY ON s.a (id)', 's', 'a_id_idx'],
  ])('shows in an index that is there: %s', (sql, schema, index) => {
    expect(settles(sql)).toEqual({ by: 'index present', schema, index });
  });

  it.each([
    ['DROP INDEX CONCURRENTLY a_id', null, 'a_id'],
    ['DROP INDEX CONCURRENTLY IF EXISTS s."A id"', 's', 'A id'],
  ])('shows in an index that is gone: %s', (sql, schema, index) => {
    expect(settles(sql)).toEqual({ by: 'index absent', schema, index });
  });

  it.each([
    'VACUUM a',
    'REINDEX TABLE CONCURRENTLY a',
    'CLUSTER',
    "ALTER SYSTEM SET work_mem = '5MB'",
    'DROP DATABASE IF EXISTS a',
    'ALTER SUBSCRIPTION a REFRESH PUBLICATION',
  ])('need not be known, it can be repeated: %s', (sql) => expect(settles(sql)).toEqual({ by: 'repeating' }));

  it.each([
    'CREATE INDEX CONCURRENTLY ON a ((ARRAY[id]))',
    'CREATE INDEX CONCURRENTLY ON a (id); CREATE INDEX ON a (id)',
    'CREATE DATABASE a',
    'DROP DATABASE a',
    'ALTER SUBSCRIPTION a ADD PUBLICATION b',
    'DO $$ BEGIN COMMIT; END $$',
    'CALL a()',
    'ALTER TABLE a DETACH PARTITION b CONCURRENTLY',
    'SELECT 1',
  ])('shows nowhere, or need not: %s', (sql) => expect(settles(sql)).toBeUndefined());
});
