import type { Statement } from './bundle.ts';
import { runsInTransaction, type Surroundings } from './classify.ts';
import { addedAndUsed } from './enum-values.ts';
import type { Problem } from './problem.ts';
import { lostBetweenSteps, refusals } from './refusals.ts';
import { settlement } from './settlement.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';
import { unwrap } from './transaction.ts';
import { wire } from './wire.ts';

/** Makes a file's parts the statements that travel in the bundle. */
export const statements = (
  of: Source,
  all: Part[],
  around: Surroundings,
): { statements: Statement[]; problems: Problem[] } => {
  const { parts, wrapped, problems } = unwrap(of, all);
  const early = addedAndUsed(parts);
  const made = parts.map((part) => {
    const transactional = runsInTransaction(part, around) && !early.has(part);
    return statement(of, part, transactional, wrapped);
  });
  const stepwise = made.some((one) => !one.statement.transactional);
  return {
    statements: made.map((one) => one.statement),
    problems: [
      ...problems,
      ...parts.flatMap((part) => refusals(of, part)),
      ...made.flatMap((one) => one.problems),
      ...(stepwise && !wrapped ? lostBetweenSteps(of, parts) : []),
    ],
  };
};

const statement = (of: Source, part: Part, transactional: boolean, wrapped: boolean) => {
  const { sql, line, offset, length, kind } = part;
  const made: Statement = { sql, line, offset, length, kind, transactional };
  if (transactional) return { statement: made, problems: [] };
  if (wrapped) return { statement: made, problems: [notInBlock(of, part)] };
  const { wire: text, problems } = wire(of, part);
  const settles = settlement(part);
  return { statement: { ...made, wire: text, ...(settles && { settles }) }, problems };
};

const notInBlock = (of: Source, part: Part): Problem =>
  problemAt(
    of,
    part.at,
    part.kind === 'AlterEnumStmt'
      ? `PostgreSQL can't use '${part.tree.newVal}' below in the transaction that adds it`
      : "PostgreSQL doesn't run this between BEGIN and COMMIT",
    'take BEGIN and COMMIT out, or move this to a migration of its own',
  );
