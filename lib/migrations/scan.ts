import { loadModule, type ScanToken, scanSync } from 'libpg-query';

/** One token of SQL, comments included. Offsets are bytes. */
export type Token = { start: number; end: number; kind: TokenKind };

/** Only what splitting, wiring and looking for COMMIT need to tell apart. */
export type TokenKind = 'comment' | 'string' | 'keyword' | ';' | ':' | '(' | ')' | 'other';

/** Loads PostgreSQL's parser (WebAssembly); needed once before anything in this folder scans or parses. */
export const loadParser = loadModule;

/**
 * All tokens of a text that is lexically sound; null for one that isn't (an unfinished literal or comment).
 * Takes longer than parsing, so the last answer is kept: a file is scanned for its markers, and then for its statements.
 */
export const scan = (sql: string): Token[] | null => {
  // libpg-query takes the empty text for a mistake.
  if (sql === '') return [];
  if (last?.sql !== sql) last = { sql, tokens: scanned(sql) };
  return last.tokens;
};

/** Whether a text holds what begins a comment, if only in a literal. Where it doesn't, there is nothing to scan for. */
export const mayHoldComments = (sql: Buffer): boolean => sql.includes('--') || sql.includes('/*');

let last: { sql: string; tokens: Token[] | null } | undefined;

const scanned = (sql: string): Token[] | null => {
  try {
    return scanSync(scannable(sql)).tokens.map(token);
  } catch {
    // libpg-query answers with a bare message where it parses JSON: an unsound text can't be told from other errors.
    return null;
  }
};

/** libpg-query does not escape other control characters in its JSON. They stand in literals and comments or mean a blank. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const scannable = (sql: string): string => sql.replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f]/g, ' ');

/** Token numbers of PostgreSQL 18's grammar, as libpg_query's pg_query.proto lists them. */
const KINDS: Record<number, TokenKind> = {
  40: '(',
  41: ')',
  58: ':',
  59: ';',
  261: 'string',
  275: 'comment',
  276: 'comment',
};

const token = ({ start, end, tokenType, keywordKind }: ScanToken): Token => ({
  start,
  end,
  kind: KINDS[tokenType] ?? (keywordKind > 0 ? 'keyword' : 'other'),
});
