import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { compiled, problemsOf, tree } from '../helpers/sql.ts';

beforeAll(loadParser);

const texts = (sql: string | Buffer) => compiled(sql).statements.map((statement) => statement.sql);

describe('splitting', () => {
  it('leaves out closing semicolons and the blanks and comments around', () => {
    expect(texts('-- a\n ;; SELECT 1 -- b\n ; /* c */ SELECT /* d */ 2 /* e */')).toEqual([
      'SELECT 1',
      'SELECT /* d */ 2',
    ]);
  });

  it('splits a file without comments as one that has some', () => {
    const file =
      ';\t;\v SELECT 1 ;\f\n;SELECT U&"größe" FROM t;\r\n CREATE RULE r AS ON INSERT TO t DO (SELECT 2; SELECT \';\')';
    expect(compiled(file).statements).toEqual(compiled(`${file}\n;-- end`).statements);
    expect(texts(file).at(-1)).toBe("CREATE RULE r AS ON INSERT TO t DO (SELECT 2; SELECT ';')");
  });

  it('tells line, byte offset and byte length of each statement', () => {
    const file = "-- größe\n\n  SELECT 1;\r\n/* a\r\nb */ SELECT '表';";
    expect(compiled(file).statements).toEqual([
      { sql: 'SELECT 1', line: 3, column: 3, offset: 14, length: 8, kind: 'SelectStmt', transactional: true },
      { sql: "SELECT '表'", line: 5, column: 6, offset: 36, length: 12, kind: 'SelectStmt', transactional: true },
    ]);
  });

  it('counts a byte order mark, but does not parse it', () => {
    expect(compiled('\ufeffSELECT 1').statements).toMatchObject([{ sql: 'SELECT 1', line: 1, offset: 3 }]);
    expect(problemsOf('\ufeffSELEKT 1')).toEqual(['1:1 syntax error at or near "SELEKT"']);
  });

  it.each([
    ['dollar quotes', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $a$ SELECT 1; SELECT $$;$$; $a$'],
    ['nested comments', 'SELECT 1 /* ; /* ; */ ; */ + 1'],
    ['quoted identifiers', 'SELECT 1 AS "a;b"'],
    ['escapes', String.raw`SELECT E'\';'`],
    [
      'BEGIN ATOMIC',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
    ],
    ['rules', 'CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))'],
    ['control characters', "SELECT 'a\u0001\u001f;b' /* \u0002 */, 1"],
  ])('does not cut at a semicolon within %s', (_, sql) => {
    expect(texts(`SELECT 0;${sql};SELECT 3`)).toEqual(['SELECT 0', sql, 'SELECT 3']);
  });

  it.each(['', ' \r\n\t', '-- nothing\n', '/* /* */ */ ;;', '\ufeff', 'BEGIN; COMMIT;'])(
    'finds nothing in %j',
    (sql) => {
      expect(compiled(sql)).toEqual({ statements: [], directives: {}, problems: [] });
    },
  );

  it('gives back any sequence of statements, however they are laid out', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, fc.constantFrom(...POOL)), { maxLength: 12 }), gap, mark, (laid, end, bom) => {
        let file = bom;
        const expected = laid.map(([before, sql]) => {
          file += before;
          const place = { sql, offset: Buffer.byteLength(file), line: file.split(/\r\n|\n|\r/).length };
          file += `${sql};`;
          return place;
        });
        const found = compiled(file + end).statements.map(({ sql, offset, line }) => ({ sql, offset, line }));
        expect(found).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('gives each statement the very tree it has in the file', () => {
    for (const { sql } of compiled(POOL.join(';\n')).statements) expect(() => tree(sql)).not.toThrow();
    expect(compiled(POOL.join(';\n')).statements.map(({ sql }) => tree(sql))).toEqual(POOL.map(tree));
  });
});

const mark = fc.constantFrom('', '\ufeff');
const blank = fc.constantFrom(' ', '\n', '\r\n', '\t', '\r', ';', '');
const comment = fc.constantFrom(
  '-- a; "b\n',
  '--\r\n',
  '/* ; */',
  "/* /* $$ */ ' */",
  '-- größe 表 😀\n',
  '/*\r\n\n*/',
);
const gap = fc.array(fc.oneof(blank, comment), { maxLength: 5 }).map((parts) => parts.join(''));

const POOL = [
  'SELECT 1',
  "INSERT INTO größe VALUES ('表;😀', E'\\';', $$;'$$)",
  'CREATE TABLE a (\r\n  id int, -- ;\n  "b;c" text\n)',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END',
  'DO $body$ BEGIN PERFORM 1; /* $$ */ END $body$',
  'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)',
  'UPDATE a SET b = c[1:2] WHERE d::text = ARRAY[1, 2]::text',
  "COMMENT ON TABLE a IS U&'\\0061' UESCAPE '\\'",
];
