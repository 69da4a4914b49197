import type { Part } from './split.ts';

/**
 * `SELECT … INTO t …` as `CREATE TABLE t AS SELECT … …`, which is the same
 * (https://www.postgresql.org/docs/18/sql-selectinto.html) and which PL/pgSQL's EXECUTE takes; undefined for any other
 * statement.
 */
export const selectInto = (part: Part): string | undefined => {
  const { kind, tree, sql, at } = part;
  const rel = kind === 'SelectStmt' ? into(tree)?.rel : undefined;
  if (!rel) return undefined;

  const bytes = Buffer.from(sql);
  const words = part.tokens.filter((token) => token.kind !== 'comment');
  const text = (index: number) => bytes.toString('utf8', words[index]?.start, words[index]?.end);
  const name = words.findIndex(({ start }) => start === rel.location - at);
  let first = name;
  // Between INTO and the name stand at most TEMP, UNLOGGED and TABLE.
  do first -= 1;
  while (text(first).toLowerCase() !== 'into');
  let last = name;
  while (words[last + 1] && text(last + 1) === '.') last += 2;

  const persistence = { t: 'TEMPORARY ', u: 'UNLOGGED ', p: '' }[rel.relpersistence as 't' | 'u' | 'p'];
  const table = bytes.toString('utf8', words[name]!.start, words[last]!.end);
  const [before, behind] = [bytes.subarray(0, words[first]!.start), bytes.subarray(words[last]!.end)];
  return `CREATE ${persistence}TABLE ${table} AS ${before}${behind}`;
};

/** Of a UNION only the first SELECT may have one. */
const into = (tree: Part['tree']): Part['tree'] => tree.intoClause ?? (tree.larg ? into(tree.larg) : undefined);
