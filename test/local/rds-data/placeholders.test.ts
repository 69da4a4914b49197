import { describe, expect, test } from 'vitest';
import { scan } from '../../../lib/local/rds-data/placeholders.ts';

describe('the scanner replaces', () => {
  test.each([
    ['a name', 'SELECT :id', 'SELECT $1', ['id']],
    ['each name once, however often it stands there', ':a + :b + :a', '$1 + $2 + $1', ['a', 'b']],
    ['a name that starts with a digit', 'a[1:2]', 'a[1$1]', ['2']],
    ['a name right after a bracket', 'f(:a,:b)', 'f($1,$2)', ['a', 'b']],
    ['names between dollar quotes, which is the corruption', '$$a :b c$$', '$$a $1 c$$', ['b']],
    ['names between tagged dollar quotes, too', '$f$ :b $f$', '$f$ $1 $f$', ['b']],
    ['a name after a string with an escaped quote', `E'it\\'s' || :a`, `E'it\\'s' || $1`, ['a']],
    ['a name after a doubled quote', `'it''s' || :a`, `'it''s' || $1`, ['a']],
    ['a name after a plain string that ends in a backslash', `'c:\\' || :a`, `'c:\\' || $1`, ['a']],
    ['a name after a comment', '/* a /* b */ :c */ :d', '/* a /* b */ :c */ $1', ['d']],
    ['a name on the line after a comment', '-- :a\n:b', '-- :a\n$1', ['b']],
    ['a name after an assignment', 'x := :a', 'x := $1', ['a']],
  ])('%s', (_, sql, text, names) => {
    expect(scan(sql)).toMatchObject({ text, names });
  });
});

describe('the scanner leaves alone', () => {
  test.each([
    `SELECT ':a'`,
    `SELECT E'\\':a'`,
    `SELECT E'a''\\':b'`,
    'SELECT ":a"',
    'SELECT ":a"":b"',
    '-- :a',
    '/* :a /* :b */ :c */',
    '\'{"a":1}\'::jsonb',
    'a::int',
    'x := 1',
    '$$ x := y::int $$',
    'a ? 1 : 2',
    "'unfinished :a",
    '/* unfinished :a',
  ])('%s', (sql) => {
    expect(scan(sql)).toMatchObject({ text: sql, names: [] });
  });
});

test('casts between dollar quotes fall to the scanner where that is switched on', () => {
  const cast = { castInDollarQuotes: 'corrupted' } as const;
  expect(scan('a::int $$ b::int; c := 1 $$', cast).text).toBe('a::int $$ b:$1; c := 1 $$');
});

test('so do assignments', () => {
  const assignment = { assignmentInDollarQuotes: 'corrupted' } as const;
  expect(scan('a := 1 $$ b::int; c := 1 $$', assignment)).toMatchObject({
    ...{ text: 'a := 1 $$ b::int; c $1= 1 $$', names: [''] },
  });
});
