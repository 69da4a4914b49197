import { scan } from '../scan.ts';
import { option, type Tree } from './tree.ts';

/** The words of what a DO or a routine holds, given its options. */
export const wordsOf = (options: Tree[]): string[] => {
  const as = option(options, 'as')?.arg;
  const text: string = as?.String?.sval ?? as?.List?.items[0].String.sval ?? '';
  const bytes = Buffer.from(text);
  return (scan(text) ?? [])
    .filter(({ kind }) => kind !== 'comment')
    .map(({ start, end }) => bytes.toString('utf8', start, end));
};

/** Whether a word begins a statement of a body: `UPDATE t SET …` has a name before its SET. */
export const beginsStatement = (lower: string[], at: number): boolean => OPENERS.has(lower[at - 1] ?? ';');

const OPENERS = new Set([';', 'begin', 'then', 'else', 'loop', '>>']);
