import { parseSync } from 'libpg-query';
import { runsInTransaction, surroundings } from '../../lib/migrations/classify.ts';
import { directives } from '../../lib/migrations/directives.ts';
import { inOrder } from '../../lib/migrations/problem.ts';
import { source } from '../../lib/migrations/source.ts';
import { split } from '../../lib/migrations/split.ts';
import { statements } from '../../lib/migrations/statements.ts';

/** One file's statements and problems; `file.sql` is its name. The parser must be loaded. */
export const compiled = (text: string | Buffer, elsewhere = '') => {
  const others = split(source('elsewhere.sql', 'elsewhere.sql', Buffer.from(elsewhere))).parts;
  const of = source('file.sql', 'file.sql', Buffer.from(text));
  const { parts, tokens, problems } = split(of);
  const asked = directives(of, tokens, 'up');
  const made = statements(of, parts, surroundings([...others, ...parts]), asked.directives);
  return {
    statements: made.statements,
    directives: asked.directives,
    problems: inOrder([...problems, ...asked.problems, ...made.problems]),
  };
};

/** `line:column message` of each problem. */
export const problemsOf = (text: string | Buffer): string[] =>
  compiled(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** The texts of one sound file's statements, by the transaction they share. */
export const groupsOf = (text: string): string[][] => {
  const { statements, problems } = compiled(text);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return [...Map.groupBy(statements, ({ group = 0 }) => group).values()].map((group) => group.map(({ sql }) => sql));
};

/** Whether PostgreSQL runs a text's last statement in a transaction, as the classification has it. */
export const transactional = (text: string): boolean => {
  const { parts } = split(source('file.sql', 'file.sql', Buffer.from(text)));
  return runsInTransaction(parts.at(-1)!, surroundings(parts));
};

/** The parse tree of one statement without the places where its parts stand. */
export const tree = (sql: string): unknown => {
  const { stmts } = parseSync(sql);
  if (stmts?.length !== 1) throw new Error(`not one statement: ${sql}`);
  return placeless(stmts[0]!.stmt);
};

const placeless = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(placeless);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).filter(([key]) => !/(location|list_start|list_end)$/.test(key));
  return Object.fromEntries(fields.map(([key, field]) => [key, placeless(field)]));
};
