import type { Node } from 'libpg-query';
import { parse } from './parse.ts';
import type { Problem } from './problem.ts';
import { mayHoldComments, scan, type Token } from './scan.ts';
import { position, type Source } from './source.ts';

/** One statement as PostgreSQL's parser delimits it, with its parse tree and tokens. */
export type Part = {
  sql: string;
  line: number;
  /** 1-based, in characters. */
  column: number;
  /** In the file, byte order mark counted; what `Statement` tells. */
  offset: number;
  length: number;
  kind: string;
  /** Byte offset in the source's body, for problems. */
  at: number;
  /** What the parser understood: the content of the node named `kind`. */
  // biome-ignore lint/suspicious/noExplicitAny: a parse tree has 270 kinds of nodes; each reader knows the few it reads
  tree: any;
  /** Comments in between included; offsets are relative to `sql`, in bytes. */
  readonly tokens: Token[];
};

/**
 * Splits a file into its statements; `tokens` are the whole file's if it may hold comments, else none: nobody asks for
 * other ones. Needs the parser loaded.
 */
export const split = (of: Source): { parts: Part[]; tokens: Token[]; problems: Problem[] } => {
  const { statements, body, problems } = parse(of);
  const commented = mayHoldComments(body);
  const tokens = commented ? (scan(body.toString('utf8')) ?? []) : [];
  if (commented && tokens.length === 0 && statements.length > 0)
    throw new Error(`${of.path} parses, but can't be scanned`);
  let next = 0;
  const parts = statements.map(({ stmt, stmt_location = 0, stmt_len }) => {
    const limit = stmt_len ? stmt_location + stmt_len : body.length;
    if (!commented) return part(of, stmt!, trimmed(body, stmt_location, limit));
    while (tokens[next] && (tokens[next]!.start < stmt_location || skipped(tokens[next]!))) next += 1;
    const first = next;
    while (tokens[next] && tokens[next]!.end <= limit) next += 1;
    const own = tokens.slice(first, next);
    return part(of, stmt!, { start: own[0]!.start, end: own.findLast((token) => !skipped(token))!.end });
  });
  return { parts, tokens, problems };
};

const skipped = ({ kind }: Token): boolean => kind === 'comment' || kind === ';';

type Range = { start: number; end: number };

/** Without the blanks and empty statements around it; there are no comments. */
const trimmed = (body: Buffer, from: number, to: number): Range => {
  let [start, end] = [from, to];
  while (isBlank(body[start]!)) start += 1;
  while (isBlank(body[end - 1]!)) end -= 1;
  return { start, end };
};

/** Semicolons, and what PostgreSQL's scanner takes for a space. */
const isBlank = (byte: number): boolean => byte === 0x3b || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

const part = (of: Source, node: Node, { start, end }: Range): Part => {
  const [kind, tree] = Object.entries(node)[0]!;
  const sql = of.body.toString('utf8', start, end);
  return {
    sql,
    ...position(of, start),
    offset: of.mark + start,
    length: end - start,
    kind,
    at: start,
    tree,
    // Few ever look at them.
    get tokens() {
      return scan(sql) ?? [];
    },
  };
};
