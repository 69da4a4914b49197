import { hasSqlDetails, type ParseResult, parseSync, type RawStmt } from 'libpg-query';
import { boundaries } from './boundaries.ts';
import type { Problem } from './problem.ts';
import { scan } from './scan.ts';
import { byteOfCharacter, problemAt, type Source } from './source.ts';

/** What PostgreSQL's parser makes of a file, and where it doesn't understand it. */
export type Parsed = {
  statements: RawStmt[];
  /** The file's body as it was understood in the end: what was not is blanked out, byte for byte. */
  body: Buffer;
  problems: Problem[];
};

/**
 * Parses a file with PostgreSQL's own parser. That stops at the first error; so that all are told at once, what holds
 * the error is blanked out and the rest parsed again.
 */
export const parse = (of: Source): Parsed => {
  const problems: Problem[] = [];
  let body = of.body;
  while (problems.length < MOST_PROBLEMS) {
    const outcome = attempt(body);
    if (!('at' in outcome || 'deep' in outcome)) return { statements: outcome.stmts ?? [], body, problems };

    const data = dataOfCopy(body);
    if (data) {
      body = blanked(body, data);
      continue;
    }
    if ('deep' in outcome) {
      const [from, to] = deepest(body);
      problems.push(problemAt(of, from, 'nests deeper than it can be parsed', 'write it as several statements'));
      body = blanked(body, [from, to]);
      continue;
    }
    const at = byteOfCharacter({ ...of, body }, outcome.at);
    problems.push(explained(of, at, outcome.message));
    body = blanked(body, isMetaCommand(body, at, outcome.message) ? restOfLine(body, at) : statementAround(body, at));
  }
  return { statements: [], body, problems };
};

/** Enough to work on; a file that isn't SQL at all would otherwise name every line. */
const MOST_PROBLEMS = 20;
/** A statement with more of them inside parentheses or a body is not worth the search for its end. */
const MOST_SEMICOLONS = 200;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

type Range = [from: number, to: number];

/** Operators in a row nest as well: `1 + 1 + …` with ten thousand of them is more than the parser's stack holds. */
const attempt = (body: Buffer): ParseResult | { at: number; message: string } | { deep: true } => {
  // The parser refuses an empty text, which is a migration that does nothing.
  if (body.length === 0) return { version: 0, stmts: [] };
  try {
    return parseSync(body.toString('utf8'));
  } catch (error) {
    if (error instanceof RangeError) return { deep: true };
    if (!hasSqlDetails(error)) throw error;
    return { at: error.sqlDetails!.cursorPosition, message: error.message };
  }
};

/** The first statement that is by itself too deep, without the space before it; all of the text where none is. */
const deepest = (body: Buffer): Range => {
  const ends = [...boundaries(body, scan(body.toString('utf8')) ?? []), body.length];
  const found = ends
    .map((end, nth): Range => [ends[nth - 1] ?? 0, end])
    .find(([from, to]) => 'deep' in attempt(body.subarray(from, to)));
  const [from, to] = found ?? [0, body.length];
  return [
    from +
      Math.max(
        0,
        body.subarray(from, to).findIndex((byte) => byte > 0x20),
      ),
    to,
  ];
};

const explained = (of: Source, at: number, message: string): Problem => {
  if (isMetaCommand(of.body, at, message)) {
    const command = of.body.toString('utf8', ...restOfLine(of.body, at)).trim();
    const remedy = 'only psql understands it: take it out, or write what it does as SQL';
    return problemAt(of, at, `${command} is a psql meta-command, not SQL`, remedy);
  }
  if (of.body[at] === COLON) {
    return problemAt(of, at, message, "if this is a psql variable: write its value, psql isn't there to put it in");
  }
  return problemAt(of, at, message);
};

/** Outside of literals a backslash has no other meaning; within them the parser complains about something else. */
const isMetaCommand = (body: Buffer, at: number, message: string): boolean =>
  body[at] === BACKSLASH && message.startsWith('syntax error');

/** Spaces instead of everything but line ends, so that what follows keeps its place. */
export const blanked = (body: Buffer, [from, to]: Range): Buffer => {
  const copy = Buffer.from(body);
  for (let at = from; at < to; at += 1) if (copy[at] !== 0x0a && copy[at] !== 0x0d) copy[at] = 0x20;
  return copy;
};

const restOfLine = (body: Buffer, at: number): Range => {
  const end = body.subarray(at).findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return [at, end < 0 ? body.length : at + end];
};

/** The statement around a byte, with its semicolon; up to the end of the file where that can't be told. */
const statementAround = (body: Buffer, at: number): Range => {
  const text = (end: number) => body.toString('utf8', 0, end);
  let end = body.indexOf(';', at);
  // What stands behind may be unsound as a whole (an unfinished literal), so it is tried semicolon by semicolon.
  for (let tries = 0; end >= 0 && tries < MOST_SEMICOLONS; tries += 1, end = body.indexOf(';', end + 1)) {
    const ends = boundaries(body, scan(text(end + 1)) ?? []);
    if (ends.at(-1) === end + 1) return [ends.at(-2) ?? 0, end + 1];
  }
  return [boundaries(body, scan(text(at)) ?? []).at(-1) ?? 0, body.length];
};

/** The lines after `COPY … FROM STDIN;` up to `\.` or the end: data, which only psql and pg_restore know how to send. */
const dataOfCopy = (body: Buffer): Range | null => {
  // Latin-1 keeps one character per byte, so that indexes are byte offsets.
  const text = body.toString('latin1');
  for (const { index, 0: statement } of text.matchAll(COPY_FROM_STDIN)) {
    const from = index + statement.length;
    const end = /^\\\..*$/m.exec(text.slice(from));
    const to = end ? from + end.index + end[0].length : text.length;
    if (text.slice(from, to).trim() !== '') return [from, to];
  }
  return null;
};

const COPY_FROM_STDIN = /^[ \t]*COPY\s[^;]*?\sFROM\s+STDIN\b[^;\n]*;[ \t]*\r?\n/gim;
