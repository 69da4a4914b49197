import { InvalidArgumentError } from 'commander';

/** How big a made-up fleet the sample app is asked for, as context values. */
export const sizes = ({ clusters, databases }: { clusters?: number; databases?: number }): Record<string, number> => ({
  ...(clusters ? { clusters } : {}),
  ...(databases ? { databases } : {}),
});

/** Parses an option. */
export const positive = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 to 99999.');
  return Number(text);
};
