import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, groupsOf, problemsOf } from '../helpers/sql.ts';

beforeAll(loadParser);

describe("a file's own transactions", () => {
  it.each([
    'BEGIN; SELECT 1; SELECT 2; COMMIT;',
    '-- a\nSTART TRANSACTION;\nSELECT 1;SELECT 2;\nEND',
    'begin work; SELECT 1; SELECT 2; commit work;',
    'BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE, NOT DEFERRABLE; SELECT 1; SELECT 2; COMMIT AND NO CHAIN',
    'SELECT 1; SELECT 2; BEGIN; COMMIT',
  ])('are taken off: %j is one group', (sql) => expect(groupsOf(sql)).toEqual([['SELECT 1', 'SELECT 2']]));

  it.each<[string, string[][]]>([
    ['SELECT 1; SELECT 2; BEGIN; SELECT 3; SELECT 4; COMMIT; SELECT 5', [['1', '2'], ['3', '4'], ['5']]],
    ['BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; END', [['1'], ['2']]],
    ['BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2; COMMIT; SELECT 3', [['1'], ['2'], ['3']]],
    ['BEGIN; SELECT 1; COMMIT; VACUUM; VACUUM; BEGIN; SELECT 2; COMMIT', [['1'], ['VACUUM'], ['VACUUM'], ['2']]],
  ])('are groups of their own: %s', (sql, groups) => {
    expect(groupsOf(sql)).toEqual(groups.map((group) => group.map((one) => (/\d/.test(one) ? `SELECT ${one}` : one))));
  });

  it.each([
    ['BEGIN; SELECT 1;', ['1:1 BEGIN stands without COMMIT']],
    ['BEGIN; SELECT 1; COMMIT AND CHAIN', ['1:18 COMMIT AND CHAIN stands without COMMIT']],
    ['BEGIN; SELECT 1;\n BEGIN; COMMIT', ['2:2 BEGIN stands inside of BEGIN']],
    ['SELECT 1;\n  COMMIT;', ['2:3 COMMIT stands without BEGIN']],
    ['BEGIN; COMMIT; END', ['1:16 END stands without BEGIN']],
    ['SELECT 1; ROLLBACK', ["1:11 ROLLBACK can't stand in a migration"]],
    ['SAVEPOINT a', ["1:1 SAVEPOINT a can't stand in a migration"]],
    ['RELEASE a', ["1:1 RELEASE a can't stand in a migration"]],
    ['ROLLBACK TO a', ["1:1 ROLLBACK TO a can't stand in a migration"]],
    ["PREPARE TRANSACTION 'a'", ["1:1 PREPARE TRANSACTION 'a' can't stand in a migration"]],
    ["COMMIT PREPARED 'a'", ["1:1 COMMIT PREPARED 'a' can't stand in a migration"]],
  ])('are refused: %s', (sql, problems) => {
    expect(problemsOf(sql)).toEqual(problems);
    expect(compiled(sql).problems.every(({ remedy }) => remedy!.length > 20)).toBe(true);
  });
});

describe('the isolation of a transaction', () => {
  const isolations = (sql: string) => compiled(sql).statements.map(({ isolation }) => isolation);

  it.each<[string, (string | undefined)[]]>([
    ['BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; SELECT 2; COMMIT', ['serializable', undefined]],
    ['BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1; COMMIT', ['repeatable read']],
    ["BEGIN; SET LOCAL transaction_isolation TO 'Serializable'; SELECT 1; COMMIT", ['serializable']],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1; SELECT 2', ['serializable', undefined]],
    ["SET lock_timeout = '1s'; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1", ['serializable', undefined]],
    [
      'SELECT 1; BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 2; COMMIT; SELECT 3',
      [undefined, 'serializable', undefined],
    ],
    [
      'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT AND CHAIN; SELECT 2; COMMIT',
      ['serializable', 'serializable'],
    ],
    [
      'BEGIN ISOLATION LEVEL SERIALIZABLE; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT 1; COMMIT',
      [undefined],
    ],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; VACUUM; SELECT 1', [undefined, 'serializable']],
  ])('stands on the first statement: %s', (sql, expected) => {
    expect(problemsOf(sql)).toEqual([]);
    expect(isolations(sql)).toEqual(expected);
  });

  it.each([
    ['BEGIN READ ONLY; SELECT 1; COMMIT', "1:1 BEGIN READ ONLY can't stand in a migration"],
    [
      'START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE, DEFERRABLE; COMMIT',
      "1:1 START TRANSACTION ISOLATION can't stand in a migration",
    ],
    ['SET LOCAL transaction_read_only = on', "1:1 SET LOCAL transaction_read_only can't stand in a migration"],
    [
      'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
      "1:1 SET SESSION CHARACTERISTICS can't stand in a migration",
    ],
    ["SET TRANSACTION SNAPSHOT 'a'", "1:1 SET TRANSACTION SNAPSHOT can't stand in a migration"],
    [
      'SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
      "1:11 SET TRANSACTION ISOLATION can't stand in a migration",
    ],
    [
      'BEGIN; SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; COMMIT',
      "1:18 SET TRANSACTION ISOLATION can't stand in a migration",
    ],
    [
      '-- lockstep: stepwise\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1; SELECT 2',
      '2:47 SET TRANSACTION stands before it, but here each statement has a transaction of its own',
    ],
  ])('is refused: %s', (sql, problem) => {
    expect(problemsOf(sql)).toEqual([problem]);
    expect(compiled(sql).problems[0]!.remedy!.length).toBeGreaterThan(20);
  });
});
