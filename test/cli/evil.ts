import { expect } from 'vitest';

/** What somebody might write into a database: it clears a screen, and gives orders to what runs CI. */
export const evil = 'no\u001b[2J\n::error::way\n  ::add-mask::it ##[error]so';

/** Nothing of it is left that a terminal, or GitHub in a log, would obey. */
export const expectHarmless = (text: string): void => {
  expect(text).toContain('way');
  expect(text).not.toContain('\u001b');
  expect(text.split('\n').filter((line) => line.trimStart().startsWith('::') || line.includes('##['))).toEqual([]);
};
