// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

/**
 * A statement with those that it carries inside: what EXPLAIN, PREPARE and CREATE TABLE AS are about, and what WITH
 * does. Deeper inside PostgreSQL lets nothing write.
 */
export const carried = (kind: string, tree: Tree): { kind: string; tree: Tree }[] => {
  const within = [tree?.query, ...(tree?.withClause?.ctes ?? []).map((it: Tree) => it.CommonTableExpr.ctequery)];
  return [{ kind, tree }, ...within.flatMap((it) => Object.entries<Tree>(it ?? {}).flatMap((one) => carried(...one)))];
};
