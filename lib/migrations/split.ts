import type { Node } from 'libpg-query';
import { parse } from './parse.ts';
import type { Problem } from './problem.ts';
import { scan, type Token } from './scan.ts';
import { position, type Source } from './source.ts';

/** One statement as PostgreSQL's parser delimits it, with its parse tree and tokens. */
export type Part = {
  sql: string;
  line: number;
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
  tokens: Token[];
};

/** Splits a file into its statements; `tokens` are the whole file's. Needs the parser loaded. */
export const split = (of: Source): { parts: Part[]; tokens: Token[]; problems: Problem[] } => {
  const { statements, body, problems } = parse(of);
  const tokens = scan(body.toString('utf8')) ?? [];
  if (tokens.length === 0 && statements.length > 0) throw new Error(`${of.path} parses, but can't be scanned`);
  let next = 0;
  const parts = statements.map(({ stmt, stmt_location = 0, stmt_len }) => {
    const limit = stmt_len ? stmt_location + stmt_len : body.length;
    while (tokens[next] && (tokens[next]!.start < stmt_location || skipped(tokens[next]!))) next += 1;
    const first = next;
    while (tokens[next] && tokens[next]!.end <= limit) next += 1;
    return part(of, stmt!, trimmed(tokens.slice(first, next)));
  });
  return { parts, tokens, problems };
};

const skipped = ({ kind }: Token): boolean => kind === 'comment' || kind === ';';

const trimmed = (tokens: Token[]): Token[] => tokens.slice(0, tokens.findLastIndex((token) => !skipped(token)) + 1);

const part = (of: Source, node: Node, tokens: Token[]): Part => {
  const start = tokens[0]!.start;
  const end = tokens.at(-1)!.end;
  const [kind, tree] = Object.entries(node)[0]!;
  return {
    sql: of.body.toString('utf8', start, end),
    line: position(of, start).line,
    offset: of.mark + start,
    length: end - start,
    kind,
    at: start,
    tree,
    tokens: tokens.map((token) => ({ ...token, start: token.start - start, end: token.end - start })),
  };
};
