import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, problemsOf } from '../helpers/sql.ts';

beforeAll(loadParser);

describe('control of transactions', () => {
  it.each([
    'BEGIN; SELECT 1; COMMIT;',
    '-- a\nSTART TRANSACTION;\nSELECT 1;\nEND',
    'begin work; SELECT 1; commit work;',
  ])('is taken off around a whole file: %j', (sql) => {
    const { statements, problems } = compiled(sql);
    expect(problems).toEqual([]);
    expect(statements.map((statement) => statement.sql)).toEqual(['SELECT 1']);
  });

  it.each([
    ['BEGIN; SELECT 1;', ["1:1 BEGIN can't stand in a migration"]],
    ['SELECT 1;\n  COMMIT;', ["2:3 COMMIT can't stand in a migration"]],
    ['SELECT 1; ROLLBACK', ["1:11 ROLLBACK can't stand in a migration"]],
    ['SAVEPOINT a', ["1:1 SAVEPOINT a can't stand in a migration"]],
    ['RELEASE a', ["1:1 RELEASE a can't stand in a migration"]],
    ['ROLLBACK TO a', ["1:1 ROLLBACK TO a can't stand in a migration"]],
    ["PREPARE TRANSACTION 'a'", ["1:1 PREPARE TRANSACTION 'a' can't stand in a migration"]],
    ["COMMIT PREPARED 'a'", ["1:1 COMMIT PREPARED 'a' can't stand in a migration"]],
    [
      'BEGIN; SELECT 1; COMMIT AND CHAIN',
      ["1:1 BEGIN can't stand in a migration", "1:18 COMMIT AND CHAIN can't stand in a migration"],
    ],
    [
      'BEGIN ISOLATION LEVEL SERIALIZABLE; COMMIT',
      ["1:1 BEGIN ISOLATION LEVEL can't stand in a migration", "1:37 COMMIT can't stand in a migration"],
    ],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', ["1:1 SET TRANSACTION ISOLATION can't stand in a migration"]],
    ['SET LOCAL transaction_read_only = on', ["1:1 SET LOCAL transaction_read_only can't stand in a migration"]],
  ])('is refused elsewhere: %s', (sql, problems) => {
    expect(problemsOf(sql)).toEqual(problems);
    expect(compiled(sql).problems.every(({ remedy }) => remedy!.length > 20)).toBe(true);
  });

  it('refuses between BEGIN and COMMIT what PostgreSQL refuses there', () => {
    expect(problemsOf('BEGIN;\nVACUUM;\nCOMMIT;')).toEqual([
      "2:1 PostgreSQL doesn't run this between BEGIN and COMMIT",
    ]);
    expect(problemsOf("BEGIN; ALTER TYPE e ADD VALUE 'b'; SELECT 'b'::e; COMMIT")).toEqual([
      "1:8 PostgreSQL can't use 'b' below in the transaction that adds it",
    ]);
  });
});

describe('a stepwise migration', () => {
  it.each([
    ['SET lock_timeout = 1', 'SET'],
    ['CREATE TEMP TABLE a (id int)', 'temporary tables'],
    ['CREATE TEMP TABLE a AS SELECT 1', 'temporary tables'],
    ['PREPARE a AS SELECT 1', 'PREPARE'],
    ['LOCK TABLE a', 'LOCK'],
  ])('refuses %s, which the next statement would not see', (sql) => {
    expect(problemsOf(`${sql}; VACUUM`)).toEqual([
      '1:1 this lasts only as long as its transaction, and here each statement has one of its own',
    ]);
    expect(problemsOf(`${sql}; ANALYZE`)).toEqual([]);
  });
});
