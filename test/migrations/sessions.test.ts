import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, groupsOf, problemsOf } from '../helpers/sql.ts';

beforeAll(loadParser);

describe('what is set for the session', () => {
  it.each<[string, string[]]>([
    ['SET a.b = 1; BEGIN; SELECT 1; COMMIT', ['SET a.b = 1', 'SELECT 1']],
    ['BEGIN; SET a.b = 1; COMMIT; SELECT 1', ['SET a.b = 1', 'SELECT 1']],
    [
      "SELECT set_config('a.b', '1', false); BEGIN; SELECT 1; COMMIT",
      ["SELECT set_config('a.b', '1', false)", 'SELECT 1'],
    ],
    ['SET a.b = 1; SET a.c = 2; SET a.b = 3; BEGIN; SELECT 1; COMMIT', ['SET a.c = 2', 'SET a.b = 3', 'SELECT 1']],
    ['SET a.b = 1; SET a.c = 2; RESET a.b; BEGIN; SELECT 1; COMMIT', ['SET a.c = 2', 'SELECT 1']],
    ['SET a.b = 1; SET a.b TO DEFAULT; BEGIN; SELECT 1; COMMIT', ['SELECT 1']],
    ['SET a.b = 1; RESET ALL; BEGIN; SELECT 1; COMMIT', ['SELECT 1']],
    ['SET a.b = 1; DISCARD ALL; SELECT 1', ['SELECT 1']],
    ['BEGIN; SET LOCAL a.b = 1; COMMIT; SELECT 1', ['SELECT 1']],
    ["BEGIN; SELECT set_config('a.b', '1', true); COMMIT; SELECT 1", ['SELECT 1']],
  ])('is set again in the next transaction: %s', (sql, last) => expect(groupsOf(sql).at(-1)).toEqual(last));

  it('is told at the place where it stands in the file', () => {
    const { statements } = compiled('SET a.b = 1;\nBEGIN;\nSELECT 1;\nCOMMIT');
    expect(statements.map(({ line, offset, group }) => [line, offset, group])).toEqual([
      [1, 0, undefined],
      [1, 0, 1],
      [3, 20, 1],
    ]);
  });

  it.each([
    ["SET lock_timeout = '5s'", '-- lockstep: lock-timeout=5s'],
    ["SET statement_timeout TO '1h'", '-- lockstep: statement-timeout=2h'],
    ['SET search_path = app', 'write the schema before the names'],
    ["SELECT pg_catalog.set_config('search_path', '', false)", 'write the schema before the names'],
    ['SET ROLE clerk', 'RESET ROLE before it'],
    ["SET maintenance_work_mem = '1GB'", 'RESET maintenance_work_mem before it'],
  ])('is refused where a statement is sent by itself: %s', (sql, remedy) => {
    const { problems } = compiled(`${sql};\nCREATE INDEX CONCURRENTLY i ON a (b); VACUUM`);
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [1, "the statement in line 2 is sent by itself: what is set here doesn't reach it"],
    ]);
    expect(problems[0]!.remedy).toContain(remedy);
  });

  it.each([
    'SET search_path = app; SELECT 1; RESET search_path; VACUUM',
    "SET client_min_messages = 'warning'; VACUUM",
    'VACUUM; SET search_path = app; SELECT 1',
    'BEGIN; SET LOCAL search_path = app; SELECT 1; COMMIT; VACUUM',
  ])('is fine where it does not matter to that: %s', (sql) => expect(problemsOf(sql)).toEqual([]));
});

describe('what ends with its transaction', () => {
  it.each([
    'LOCK TABLE a',
    'SET CONSTRAINTS ALL DEFERRED',
    'DECLARE c CURSOR FOR SELECT 1',
    "SET LOCAL lock_timeout = '1s'",
  ])('is refused where the file goes on behind it: %s', (sql) => {
    expect(problemsOf(`${sql}; VACUUM`)).toEqual(['1:1 this lasts only as long as its transaction']);
    expect(problemsOf(`${sql}; ANALYZE`)).toEqual([]);
    expect(problemsOf(`BEGIN; ${sql}; ANALYZE; COMMIT; VACUUM`)).toEqual([]);
  });
});

describe('what ends with its session', () => {
  it.each([
    'CREATE TEMP TABLE box (id int)',
    'CREATE TEMP TABLE box AS SELECT 1',
    'SELECT 1 INTO TEMP box',
    'CREATE TEMP VIEW box AS SELECT 1',
    'CREATE TEMP SEQUENCE box',
    'PREPARE box AS SELECT 1',
    'DECLARE box CURSOR WITH HOLD FOR SELECT 1',
  ])('is refused where another transaction uses it: %s', (sql) => {
    expect(problemsOf(`${sql};\nVACUUM;\nSELECT 1 AS boxes, "box"`)).toEqual([
      '1:1 box is gone in line 3, which another session runs',
    ]);
    expect(problemsOf(`${sql}; SELECT box; VACUUM; SELECT boxes`)).toEqual([]);
  });
});
