import { expect, it } from 'vitest';
import { numbersIn, rangesOf } from '../../lib/fleet/ranges.ts';

it.each([
  [[], []],
  [[4], [[4, 4]]],
  [[0, 1, 2, 3], [[0, 3]]],
  [
    [9, 3, 1, 2],
    [
      [1, 3],
      [9, 9],
    ],
  ],
])('says %j in few words', (numbers, ranges) => {
  expect(rangesOf(numbers)).toEqual(ranges);
  expect(numbersIn(rangesOf(numbers))).toEqual(numbers.toSorted((a, b) => a - b));
});
