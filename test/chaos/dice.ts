import { randomFrom } from '../../lib/local/faults/faults.ts';

/** Chance that repeats itself for the same seed. */
export type Dice = {
  /** A whole number from 0 up to, but not including, the limit. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
};

export const dice = (seed: number): Dice => {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return { below, chance: (probability) => random() < probability, pick: (values) => values[below(values.length)]! };
};
