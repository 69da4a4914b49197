import * as z from 'zod';

/** Whole numbers, ascending, as first and last of each row without a gap: `[[0, 359]]`. */
export const Ranges = z.array(z.tuple([z.number(), z.number()]));

export type Ranges = z.infer<typeof Ranges>;

export const rangesOf = (numbers: number[]): Ranges => {
  const ranges: Ranges = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
};

export const numbersIn = (ranges: Ranges): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, more) => first + more));
