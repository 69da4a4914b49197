import type { Problem } from './problem.ts';

/** The text of one file, with what is needed to tell where in it something stands. */
export type Source = {
  /** The file's name, relative to the folder. */
  name: string;
  /** The path people are told, as they gave the folder. */
  path: string;
  /** The whole file. */
  bytes: Buffer;
  /** What stands after a byte order mark, if there is one: valid UTF-8. */
  body: Buffer;
  /** Bytes of the byte order mark: 0 or 3. */
  mark: number;
  /** Byte offsets in `body` at which its lines begin. */
  lines: number[];
};

export const source = (name: string, path: string, bytes: Buffer): Source => {
  const mark = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const body = bytes.subarray(mark);
  return { name, path, bytes, body, mark, lines: lineStarts(body) };
};

/** 1-based line, and 1-based column in characters (code points), of a byte offset in the body. */
export const position = ({ body, lines }: Source, offset: number): { line: number; column: number } => {
  const line = lineAt(lines, offset);
  return { line, column: [...body.toString('utf8', lines[line - 1], offset)].length + 1 };
};

/** A problem at a byte offset in the body, with the line it stands in. */
export const problemAt = (at: Source, offset: number, message: string, remedy?: string): Problem => {
  const { line, column } = position(at, offset);
  const excerpt = at.body.toString('utf8', at.lines[line - 1], at.lines[line]).replace(/[\r\n]+$/, '');
  return { file: at.path, line, column, message, ...(remedy && { remedy }), excerpt };
};

/** Byte offset in the body of the character with this 0-based index, the way PostgreSQL's parser counts in its errors. */
export const byteOfCharacter = ({ body }: Source, index: number): number => {
  let characters = 0;
  for (let offset = 0; offset < body.length; offset += 1) {
    // Bytes 10xxxxxx continue a character, all others begin one.
    if ((body[offset]! & 0xc0) === 0x80) continue;
    if (characters === index) return offset;
    characters += 1;
  }
  return body.length;
};

/** What makes the file unusable as SQL text whatever it says, or undefined. */
export const encodingProblem = (at: Source): Problem | undefined => {
  const bad = firstInvalidByte(at.body);
  if (bad !== undefined) {
    const sixteen = at.body[0] === 0xff || at.body[0] === 0xfe;
    return problemAt(
      at,
      bad,
      `is not UTF-8: byte 0x${at.body[bad]!.toString(16).padStart(2, '0')} can't stand here`,
      sixteen ? 'this looks like UTF-16: save the file as UTF-8' : 'save the file as UTF-8',
    );
  }
  const zero = at.body.indexOf(0);
  if (zero >= 0) return problemAt(at, zero, 'holds a NUL character, which PostgreSQL has no text for', 'take it out');
  return undefined;
};

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Lines end as PostgreSQL's scanner ends a `--` comment: at a newline, a return, or both together. */
const lineStarts = (body: Buffer): number[] => {
  const starts = [0];
  for (let offset = 0; offset < body.length; offset += 1) {
    const returns = body[offset] === RETURN && body[offset + 1] !== NEWLINE;
    if (body[offset] === NEWLINE || returns) starts.push(offset + 1);
  }
  return starts;
};

const lineAt = (lines: number[], offset: number): number => {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
};

/** Decoding replaces what is not UTF-8, so the first byte that encoding doesn't give back is the culprit. */
const firstInvalidByte = (body: Buffer): number | undefined => {
  const back = Buffer.from(body.toString('utf8'), 'utf8');
  if (back.equals(body)) return undefined;
  return body.findIndex((byte, at) => byte !== back[at]);
};
