import type { Part } from './split.ts';

/** The string literals of a statement: how each is written, where, and what stands between its quotes. */
export type Literal = { start: number; end: number; text: string; content: string; dollars: boolean };

export const literals = ({ sql, tokens }: Part): Literal[] => {
  const bytes = Buffer.from(sql);
  return tokens
    .filter(({ kind }) => kind === 'string')
    .map(({ start, end }) => {
      const text = bytes.toString('utf8', start, end);
      return { start, end, text, ...read(text) };
    });
};

const read = (text: string): { content: string; dollars: boolean } => {
  const tag = /^\$[^$]*\$/.exec(text)?.[0];
  if (tag) return { content: text.slice(tag.length, -tag.length), dollars: true };
  const content = text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'");
  return { content, dollars: false };
};
