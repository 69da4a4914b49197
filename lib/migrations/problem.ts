import { styleText } from 'node:util';

/** One thing wrong with a migration's file, told so that a person can mend it. */
export type Problem = {
  /** The file's path, as the folder was given. */
  file: string;
  /** 1-based; line 1, column 1 where the file as a whole is meant (its name, its number). */
  line: number;
  /** 1-based, in characters. */
  column: number;
  message: string;
  /** What to do about it. */
  remedy?: string;
  /** The line of the file it stands in. */
  excerpt?: string;
};

/** A problem with a file, or a folder, as a whole. */
export const problemWith = (file: string, message: string, remedy: string): Problem => ({
  file,
  line: 1,
  column: 1,
  message,
  remedy,
});

/** By file, then by place: the order in which a person works through them. */
export const inOrder = (problems: Problem[]): Problem[] =>
  problems.toSorted((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);

/**
 * `file:line:column message`, the line with a caret under the column, and the remedy.
 * Colours only where asked for; `style` null where the message has its own.
 */
export const render = (
  problem: Problem,
  { colours = false, style = 'red' }: { colours?: boolean; style?: 'red' | null } = {},
): string => {
  const paint = (style: 'bold' | 'red' | 'dim', text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const { file, line, column, message, remedy, excerpt } = problem;
  const lines = [`${paint('bold', `${file}:${line}:${column}`)} ${style ? paint(style, message) : message}`];
  if (excerpt !== undefined) {
    const { text, before } = windowed(excerpt, column);
    lines.push(`  ${paint('dim', printable(text))}`, `  ${padding(before)}${paint('red', '^')}`);
  }
  if (remedy) lines.push(`  ${remedy}`);
  return lines.join('\n');
};

/** How many cells of a terminal a text takes: two for wide characters, none for marks that sit on another one. */
export const width = (text: string): number => [...text].reduce((sum, character) => sum + cells(character), 0);

const LONGEST = 160;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A line too long to read is cut down to what surrounds the column. */
const windowed = (line: string, column: number): { text: string; before: string } => {
  const characters = [...line];
  if (characters.length <= LONGEST) return { text: line, before: characters.slice(0, column - 1).join('') };
  const from = Math.max(0, Math.min(column - 1 - LONGEST / 2, characters.length - LONGEST));
  const to = Math.min(characters.length, from + LONGEST);
  const lead = from > 0 ? '…' : '';
  const tail = to < characters.length ? '…' : '';
  return {
    text: lead + characters.slice(from, to).join('') + tail,
    before: lead + characters.slice(from, column - 1).join(''),
  };
};

/** Blanks as wide as the text on this terminal; tabs stay tabs, for nobody knows how wide they are. */
const padding = (text: string): string =>
  [...text].map((character) => (character === '\t' ? '\t' : ' '.repeat(cells(character)))).join('');

/** Control characters, which could move the cursor or recolour the terminal, are shown as what they are not. */
const printable = (text: string): string => text.replace(/[^\P{Cc}\t]/gu, '\u{fffd}');

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const NARROWEST = /[\p{Mn}\p{Me}\p{Cf}]/u;

const cells = (character: string): number => (NARROWEST.test(character) ? 0 : WIDE.test(character) ? 2 : 1);
