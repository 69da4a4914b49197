import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, problemsOf, tree } from '../helpers/sql.ts';

beforeAll(loadParser);

const wireOf = (sql: string) => {
  const { statements, problems } = compiled(sql);
  expect(problems).toEqual([]);
  return statements.at(-1)!.wire;
};

/**
 * The parameters that the Data API's scanner sees, modelled on what was observed of it: it passes over '…', "…",
 * comments (not nested ones) and `::`, but not over dollar quotes or the escapes of E'…'.
 */
const parametersIn = (sql: string): string[] =>
  [...sql.matchAll(/'(?:[^']|'')*'|"[^"]*"|--[^\n\r]*|\/\*[\s\S]*?\*\/|::|:(?<name>[\p{L}\p{N}_]+)/gu)].flatMap(
    ({ groups }) => groups?.name ?? [],
  );

describe('the text that travels to the Data API', () => {
  it('is left out where a statement runs in a transaction', () => {
    expect(compiled('SELECT $$:a$$').statements[0]).not.toHaveProperty('wire');
  });

  it.each([
    ['VACUUM a', 'VACUUM a'],
    ['DO $$ BEGIN a := b; COMMIT; END $$', "DO ' BEGIN a := b; COMMIT; END '"],
    ["DO $x$ BEGIN COMMIT; PERFORM ':a', $$:b$$; END $x$", "DO ' BEGIN COMMIT; PERFORM '':a'', $$:b$$; END '"],
    ['VACUUM /* :a /* :b */ */ a -- :c\n, b', 'VACUUM                   a      \n, b'],
    ["ALTER SYSTEM SET a = E'it\\'s \\\\ :b'", "ALTER SYSTEM SET a = E'it''s \\\\ :b'"],
    ['CALL a(U&$$b$$)', "CALL a(U& 'b')"],
    ['CALL a($$b$$::text)', "CALL a('b' ::text)"],
    ['CALL a(\'b\'::text, ":c")', 'CALL a(\'b\'::text, ":c")'],
  ])('%j becomes %j', (sql, wire) => expect(wireOf(sql)).toBe(wire));

  it.each([
    ['CREATE INDEX CONCURRENTLY ON a (b)', 'CREATE INDEX CONCURRENTLY "a_b_idx" ON a (b)'],
    [
      'create unique index concurrently/* on */on only "A ""a"(b)',
      'create unique index concurrently        "A ""a_b_idx" on only "A ""a"(b)',
    ],
    ['CREATE INDEX CONCURRENTLY "on" ON a (b)', 'CREATE INDEX CONCURRENTLY "on" ON a (b)'],
    ['CREATE INDEX CONCURRENTLY ON a ((ARRAY[b]))', 'CREATE INDEX CONCURRENTLY ON a ((ARRAY[b]))'],
  ])('names an index that has no name: %s', (sql, wire) => expect(wireOf(sql)).toBe(wire));

  it('leaves the name to PostgreSQL where two of the folder would have it', () => {
    const { statements } = compiled('CREATE INDEX CONCURRENTLY ON a (b)', 'CREATE INDEX a_b_idx ON a (c)');
    expect(statements[0]!.wire).toBe('CREATE INDEX CONCURRENTLY ON a (b)');
  });

  it('refuses what the scanner would take for a parameter', () => {
    const sql = 'SELECT 1;\nCREATE INDEX CONCURRENTLY ON a (b,\n  (c[1:2]), (c[d:e]))';
    expect(problemsOf(sql)).toEqual([
      '3:7 the Data API would take :2 for a parameter',
      '3:17 the Data API would take :e for a parameter',
    ]);
    expect(compiled(sql).problems[0]!.remedy).toBe('write a blank behind the colon');
    expect(problemsOf('CREATE INDEX CONCURRENTLY ON a ((c[1 : 2]))')).toEqual([]);
    expect(problemsOf('SELECT c[1:2]')).toEqual([]);
  });

  it('refuses more characters than the Data API takes with our mark', () => {
    const call = (length: number) => `CALL a('${'x'.repeat(length - 10)}')`;
    expect(call(65_400)).toHaveLength(65_400);
    expect(problemsOf(call(65_400))).toEqual([]);
    expect(problemsOf(`\n${call(65_401)}`)).toEqual([
      '2:1 the statement is 65,401 characters long; outside of a transaction it can have 65,400',
    ]);
  });

  it('means the same and shows the scanner nothing, whatever the literals and comments', () => {
    const piece = fc.constantFrom(
      "'",
      "''",
      ':a',
      ':1',
      '::',
      '"',
      '\\',
      '$',
      '/*',
      '*/',
      '--',
      '\n',
      ';',
      'größe',
      ' ',
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const dollars = text.map((content) => `$tag$${content}$tag$`);
    const plain = text.map((content) => `'${content.replaceAll("'", "''")}'`);
    const escaped = text.map((content) => `E'${content.replace(/[\\']/g, '\\$&')}'`);
    const quoted = text.map((content) => `a."x${content.replaceAll('"', '""')}"`);
    const comment = fc.constantFrom(' ', "/* :a /* ' */ :b */", "-- ':a\n", '\r\n');
    const argument = fc.tuple(comment, fc.oneof(dollars, plain, escaped, quoted), comment);
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 5 }), (args) => {
        const sql = `CALL a(${args.map((parts) => parts.join('')).join(',')})`;
        const wire = wireOf(sql)!;
        expect(tree(wire)).toEqual(tree(sql));
        expect(parametersIn(wire)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
