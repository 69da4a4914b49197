import type { Switches } from './switches.ts';

/** SQL as PostgreSQL gets it: each `:name` has become `$n`, and `names[n - 1]` says which parameter that is. */
export type Scanned = {
  text: string;
  names: string[];
  /** A `;` that only whitespace follows ends the text. */
  endsInSemicolon: boolean;
  /** A `;` was seen that something else than whitespace follows; between dollar quotes, too. */
  continuesAfterSemicolon: boolean;
};

/**
 * Replaces `:name` as the Data API does, faults included: single quotes, double quotes and comments are respected, but
 * dollar quotes are not, so that `$$a :b c$$` silently becomes `$$a $1 c$$`; and `a[1:2]` has a parameter named 2.
 *
 * Of what else it does between dollar quotes, to `::name` and `:=`, the switches decide.
 */
export const scan = (sql: string, switches: Partial<Corruption> = {}): Scanned => {
  const key = `${switches.castInDollarQuotes} ${switches.assignmentInDollarQuotes} ${sql}`;
  const known = scanned.get(key) ?? scanAnew(sql, switches);
  scanned.delete(key);
  scanned.set(key, known);
  if (scanned.size > REMEMBERED) scanned.delete(scanned.keys().next().value!);
  return known;
};

/** The last ones: callers send the same few long texts again and again. */
const scanned = new Map<string, Scanned>();
const REMEMBERED = 50;

const scanAnew = (sql: string, switches: Partial<Corruption>): Scanned => {
  const names: string[] = [];
  const { castInDollarQuotes, assignmentInDollarQuotes } = switches;
  const quotes =
    castInDollarQuotes === 'corrupted' || assignmentInDollarQuotes === 'corrupted' ? dollarQuotes(sql) : [];
  const casts = castInDollarQuotes === 'corrupted' ? quotes : [];
  const assignments = assignmentInDollarQuotes === 'corrupted' ? quotes : [];
  let text = '';
  let semicolon = false;
  let continuesAfterSemicolon = false;
  for (let at = 0; at < sql.length; ) {
    const end = opaqueEnd(sql, at);
    if (end > at) {
      continuesAfterSemicolon ||= semicolon;
      text += sql.slice(at, end);
      at = end;
      continue;
    }
    const name = sql[at] === ':' ? placeholder(sql, at, casts, assignments) : undefined;
    const piece = name ?? sql[at]!;
    if (name === undefined) text += piece;
    else {
      if (!names.includes(name)) names.push(name);
      text += `$${names.indexOf(name) + 1}`;
    }
    if (semicolon && !/\s/.test(piece)) continuesAfterSemicolon = true;
    if (piece === ';') semicolon = true;
    at += name === undefined ? 1 : 1 + name.length;
  }
  return {
    text,
    names,
    endsInSemicolon: /;\s*$/.test(sql) && semicolon && !continuesAfterSemicolon,
    continuesAfterSemicolon,
  };
};

/** The parameter's name when the colon at `at` begins one: not in `::`, not in `:=`, not before anything else. */
const placeholder = (sql: string, at: number, casts: Range[], assignments: Range[]) => {
  if (sql[at - 1] === ':' && !within(casts, at)) return undefined;
  if (sql[at + 1] === '=' && within(assignments, at)) return '';
  NAME.lastIndex = at + 1;
  return NAME.exec(sql)?.[0];
};

const NAME = /\w+/y;

type Corruption = Pick<Switches, 'castInDollarQuotes' | 'assignmentInDollarQuotes'>;
type Range = [from: number, to: number];

const within = (ranges: Range[], at: number): boolean => ranges.some(([from, to]) => at > from && at < to);

/** Where the quoted text or comment that begins at `at` ends; `at` itself when none begins there. */
const opaqueEnd = (sql: string, at: number): number => {
  const two = sql.slice(at, at + 2);
  if (two === '--') return endOr(sql.indexOf('\n', at), sql);
  if (two === '/*') return commentEnd(sql, at);
  if (sql[at] === '"') return quoteEnd(sql, at, '"', false);
  if (sql[at] === "'") return quoteEnd(sql, at, "'", /(^|[^\w$])e$/i.test(sql.slice(Math.max(0, at - 2), at)));
  return at;
};

const endOr = (found: number, sql: string) => (found < 0 ? sql.length : found);

/** Doubled quotes need no care: the second one opens the next quoted text. */
const quoteEnd = (sql: string, at: number, quote: string, escapes: boolean) => {
  for (let next = at + 1; next < sql.length; next += 1) {
    if (escapes && sql[next] === '\\') next += 1;
    else if (sql[next] === quote) {
      if (!escapes || sql[next + 1] !== quote) return next + 1;
      next += 1;
    }
  }
  return sql.length;
};

/** Comments nest in PostgreSQL. */
const commentEnd = (sql: string, at: number) => {
  let depth = 0;
  for (let next = at; next < sql.length; next += 1) {
    const two = sql.slice(next, next + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    if (two === '/*' || two === '*/') next += 1;
    if (depth === 0) return next + 1;
  }
  return sql.length;
};

const dollarQuotes = (sql: string) => {
  const found: Range[] = [];
  for (let at = 0; at < sql.length; at += 1) {
    const end = opaqueEnd(sql, at);
    const tag = end > at ? undefined : /^\$([A-Za-z_]\w*)?\$/.exec(sql.slice(at, at + 66))?.[0];
    if (tag) {
      const to = endOr(sql.indexOf(tag, at + tag.length), sql);
      found.push([at, to]);
      at = to + tag.length - 1;
    } else if (end > at) at = end - 1;
  }
  return found;
};
