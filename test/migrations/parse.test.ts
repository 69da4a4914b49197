import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, problemsOf } from '../helpers/sql.ts';

beforeAll(loadParser);

describe('a file that PostgreSQL cannot parse', () => {
  it.each([
    ['SELEKT 1', '1:1 syntax error at or near "SELEKT"'],
    ["-- größe 表 😀\n  SELECT '😀表', FROM;", '2:16 syntax error at or near "FROM"'],
    ['-- a\r\n-- b\r\nSELEKT', '3:1 syntax error at or near "SELEKT"'],
    ['SELECT (', '1:9 syntax error at end of input'],
    ["SELECT 'größe", '1:8 unterminated quoted string at or near "\'größe"'],
    ['SELECT 1;\nSELECT $$a', '2:8 unterminated dollar-quoted string at or near "$$a"'],
    ['SELECT 1 /* a', '1:10 unterminated /* comment at or near "/* a"'],
    ["SELECT E'\\u12'", '1:10 invalid Unicode escape'],
  ])('%j is told with line and column in characters', (sql, problem) => {
    expect(problemsOf(sql)).toEqual([problem]);
  });

  it('tells the errors of all its statements', () => {
    expect(problemsOf('SELEKT 1;\nSELECT 2;\nSELECT (3;\nDROP x;')).toEqual([
      '1:1 syntax error at or near "SELEKT"',
      '3:10 syntax error at or near ";"',
    ]);
    expect(problemsOf("SELEKT 1;\nSELECT 2;\nDROP x; SELECT 'a")).toEqual([
      '1:1 syntax error at or near "SELEKT"',
      '3:6 syntax error at or near "x"',
      '3:16 unterminated quoted string at or near "\'a"',
    ]);
  });

  it('may nest too deep: the statement is told, and what else is wrong', () => {
    const deep = `SELECT ${Array(60_000).fill('1').join('+')};`;
    expect(problemsOf(`SELECT 1;\n  ${deep}\nSELEKT 2;\nSELECT 3`)).toEqual([
      '2:3 nests deeper than it can be parsed',
      '3:1 syntax error at or near "SELEKT"',
    ]);
  });

  it('keeps what it did understand', () => {
    expect(compiled('SELECT 1; SELEKT 2; SELECT 3').statements.map(({ sql }) => sql)).toEqual(['SELECT 1', 'SELECT 3']);
  });

  it('is not told line by line when it is no SQL at all', () => {
    expect(problemsOf('no;\n'.repeat(100))).toHaveLength(20);
  });

  it('names meta-commands of psql', () => {
    const { problems } = compiled('\\set a 1\nSELECT 1;\n\\connect b\nSELECT 2 \\gexec\n');
    expect(problems.map(({ line, column, message }) => [line, column, message])).toEqual([
      [1, 1, '\\set a 1 is a psql meta-command, not SQL'],
      [3, 1, '\\connect b is a psql meta-command, not SQL'],
      [4, 10, '\\gexec is a psql meta-command, not SQL'],
    ]);
    expect(problems[0]!.remedy).toContain('take it out');
  });

  it('names variables of psql', () => {
    expect(compiled("SELECT :'a'").problems[0]).toMatchObject({ column: 8, remedy: expect.stringContaining('psql') });
  });

  it.each(["COPY a FROM stdin;\n1\tit's\n\\.\nSELECT 1;", 'COPY a (b,\n c) FROM STDIN WITH (FORMAT csv);\n1,2\n'])(
    'names COPY with its data once: %j',
    (sql) => {
      expect(problemsOf(sql)).toEqual(['1:1 COPY … FROM STDIN needs a client that sends or takes the rows']);
    },
  );
});

describe('a statement that cannot stand in a migration', () => {
  it.each([
    ['COPY a FROM STDIN', '1:1 COPY … FROM STDIN needs a client that sends or takes the rows'],
    ['COPY a TO STDOUT', '1:1 COPY … TO STDOUT needs a client that sends or takes the rows'],
  ])('%s', (sql, problem) => expect(problemsOf(sql)).toEqual([problem]));

  it('is not COPY from a file on the server', () => expect(problemsOf("COPY a FROM '/tmp/a'")).toEqual([]));
});
