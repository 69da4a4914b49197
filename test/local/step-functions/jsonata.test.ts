import { expect, test } from 'vitest';
import { lab } from './lab.ts';

/** What an expression comes to as the Output of a state. */
const evaluate = async (expression: string, input: unknown = {}) => {
  const { output, error, cause } = await lab().run(
    { A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } },
    input,
  );
  return error === undefined ? output : { error, cause };
};

test('a path to one item gives that item, to several an array, and brackets keep the array', async () => {
  const input = { pending: [{ name: 'a' }], more: [{ name: 'a' }, { name: 'b' }] };
  expect(await evaluate('$states.input.pending.name', input)).toBe('a');
  expect(await evaluate('[$states.input.pending.name]', input)).toEqual(['a']);
  expect(await evaluate('$states.input.more.name', input)).toEqual(['a', 'b']);
  expect(await evaluate('$states.input.more[name="b"][]', input)).toEqual([{ name: 'b' }]);
});

test.each([
  ['$states.input.missing', 'returned nothing (undefined).'],
  ['$states.input.list[5]', 'returned nothing (undefined).'],
  ['"a" + 1', 'threw an error during evaluation. T2001: '],
  ['$uppercase', 'returned an unsupported result type.'],
  ['$unknown()', 'threw an error during evaluation. T1006: '],
])('%s is a States.QueryEvaluationError', async (expression, complaint) => {
  const { error, cause } = await evaluate(expression, { list: [1] });
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toContain(
    `An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '${expression}' specified for the field 'Output' ${complaint}`,
  );
});

test('null is a value, not nothing', async () => {
  expect(await evaluate('$states.input.a', { a: null })).toBeNull();
});

test('only a string that is an expression as a whole is evaluated', async () => {
  const { output } = await lab().run({ A: { Type: 'Pass', Output: ['$x', 'is {% not %} one', '{%1+1%}'], End: true } });
  expect(output).toEqual(['$x', 'is {% not %} one', 2]);
});

test('an endless expression is stopped after a second, one that nests too deep at once', async () => {
  expect((await evaluate('($f := function($n) { $f($n + 1) }; $f(1))')).cause).toContain(
    'Expression evaluation timeout',
  );
  expect((await evaluate('($f := function($n) { 1 + $f($n + 1) }; $f(1))')).cause).toContain('Stack overflow error');
});

test('numbers that JSON lacks are strings', async () => {
  expect(await evaluate('[1/0, -1/0]')).toEqual(['Infinity', '-Infinity']);
});

test('$now and $millis tell the clock’s time', async () => {
  const { output } = await lab().run({
    A: { Type: 'Wait', Seconds: 60, Next: 'B' },
    B: { Type: 'Pass', Output: ['{% $now() %}', '{% $millis() %}', "{% $now('[Y0001]') %}"], End: true },
  });
  expect(output).toEqual(['2026-01-05T09:01:00.000Z', Date.parse('2026-01-05T09:01:00Z'), '2026']);
});

test.each([
  ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
  ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
  ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
  ['$range(3, 0, -2)', [3, 1]],
  ['$range(1, 1, 1)', 1],
  ['$hash("input", "SHA-256")', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20'],
  ['$hash("input", "MD5")', 'a43c1b0aa53a0c908810c06ab1ff3967'],
  ['$parse(\'{"a":[1]}\')', { a: [1] }],
  ['$random(7) = $random(7)', true],
  ['$random() < 1', true],
  ['$length($uuid())', 36],
])('AWS’s function %s', async (expression, expected) => {
  expect(await evaluate(expression)).toEqual(expected);
});

test.each([
  ['$partition([1], 0)'],
  ['$range(1, 5, -1)'],
  ['$range(1, 5)'],
  ['$hash("a")'],
  ['$hash("a", "CRC32")'],
  ['$parse("no")'],
  ['$range(1, 400000, 1)'],
])('%s fails the field', async (expression) => {
  expect((await evaluate(expression)).error).toBe('States.QueryEvaluationError');
});
