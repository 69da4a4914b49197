import type { Token } from './scan.ts';

/**
 * Where statements end, told from tokens alone: at a semicolon outside of parentheses (`CREATE RULE … DO (…; …)`) and
 * outside of a `BEGIN ATOMIC … END`. Only a text that doesn't parse needs this.
 */
export const boundaries = (body: Buffer, tokens: Token[]): number[] => {
  const ends: number[] = [];
  let parentheses = 0;
  let blocks = 0;
  let before = '';
  for (const { kind, start, end } of tokens) {
    if (kind === '(') parentheses += 1;
    if (kind === ')') parentheses = Math.max(0, parentheses - 1);
    if (kind === ';' && parentheses === 0 && blocks === 0) ends.push(end);
    if (kind !== 'keyword') continue;

    const word = body.toString('latin1', start, end).toLowerCase();
    if (word === 'atomic' && before === 'begin') blocks = 1;
    if (word === 'case' && blocks > 0) blocks += 1;
    if (word === 'end' && blocks > 0) blocks -= 1;
    before = word;
  }
  return ends;
};
