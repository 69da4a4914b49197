import { chosenName, type IndexNames } from './index-name.ts';
import { literals } from './literals.ts';
import type { Problem } from './problem.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/**
 * Most characters of a statement that travels by itself. The Data API takes 65,536 (`SqlStatement` in its service
 * model); the rest is room for the mark by which Lockstep finds the statement in `pg_stat_activity`.
 */
const LONGEST_STATEMENT = 65_400;

/**
 * A statement's text for the Data API, whose scanner for `:name` respects '…', "…", comments and `::`, but not dollar
 * quotes: those become plain literals, comments become blanks. What it would still replace is a problem.
 * An index without a name gets one.
 * Assumes standard_conforming_strings = on, PostgreSQL's default.
 */
export const wire = (of: Source, part: Part, names: IndexNames): { wire: string; problems: Problem[] } => {
  const bytes = Buffer.from(part.sql);
  const written = new Map(literals(part).map((literal) => [literal.start, rewritten(literal, bytes)]));
  const name = chosenName(part, names);
  const nameAt = name === undefined ? -1 : behindConcurrently(part, bytes);
  const problems: Problem[] = [];
  let text = '';
  let done = 0;
  for (const { kind, start, end } of part.tokens) {
    const token = bytes.toString('utf8', start, end);
    text += bytes.toString('utf8', done, start) + (start === nameAt ? `"${name!.replaceAll('"', '""')}" ` : '');
    text += kind === 'comment' ? blank(token) : (written.get(start) ?? token);
    done = end;
    if (kind === ':' && PARAMETER.test(bytes.toString('utf8', end, end + 4))) {
      problems.push(problemAt(of, part.at + start, looksLikeParameter(bytes, start), 'write a blank behind the colon'));
    }
  }
  if (text.length > LONGEST_STATEMENT) problems.push(tooLong(of, part, text.length));
  return { wire: text, problems };
};

/** Where the word ON stands in CREATE INDEX CONCURRENTLY ON. */
const behindConcurrently = ({ tokens }: Part, sql: Buffer): number =>
  tokens.find(({ kind, start, end }) => kind === 'keyword' && /^on$/i.test(sql.toString('utf8', start, end)))?.start ??
  -1;

/** Blanks of the same length, so that error positions stay true; line ends stay. */
const blank = (comment: string): string => comment.replace(/[^\r\n]/g, ' ');

const rewritten = (
  literal: { text: string; content: string; dollars: boolean; start: number; end: number },
  sql: Buffer,
) => {
  const { text, content, dollars, start, end } = literal;
  // \' is spelled '' so that whoever doesn't know E'…' finds the same end.
  if (!dollars) return /^e'/i.test(text) ? text.replace(/\\[\s\S]/g, (pair) => (pair === "\\'" ? "''" : pair)) : text;
  const [before, after] = [sql.toString('latin1', start - 1, start), sql.toString('latin1', end, end + 1)];
  // Glued to a neighbour, a plain literal could become part of it: U&$$…$$, $$…$$'…'.
  return `${/[^\s(,=]/.test(before) ? ' ' : ''}'${content.replaceAll("'", "''")}'${/[^\s),;]/.test(after) ? ' ' : ''}`;
};

const PARAMETER = /^[\p{L}\p{N}_]/u;

const looksLikeParameter = (sql: Buffer, start: number): string => {
  const name = /^:[\p{L}\p{N}_]+/u.exec(sql.toString('utf8', start))?.[0] ?? ':';
  return `the Data API would take ${name} for a parameter`;
};

const tooLong = (of: Source, part: Part, length: number): Problem =>
  problemAt(
    of,
    part.at,
    `the statement is ${length.toLocaleString('en')} characters long; outside of a transaction it can have ${LONGEST_STATEMENT.toLocaleString('en')}`,
    'split it, or move its text into a function that an earlier migration creates',
  );
