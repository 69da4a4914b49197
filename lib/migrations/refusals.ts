import { OWN_SCHEMA, touchesOwnSchema } from './own-schema.ts';
import type { Problem } from './problem.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/** What is valid SQL, but can't be run by a migration. */
export const refusals = (of: Source, part: Part): Problem[] => {
  const problems: Problem[] = [];
  if (part.kind === 'CopyStmt' && !part.tree.filename) {
    const direction = part.tree.is_from ? 'FROM STDIN' : 'TO STDOUT';
    const remedy = part.tree.is_from ? 'write INSERT statements instead' : 'take it out';
    problems.push(problemAt(of, part.at, `COPY … ${direction} needs a client that sends or takes the rows`, remedy));
  }
  if (touchesOwnSchema(part)) {
    const remedy = 'put it in a schema of your own; reading from lockstep.history is allowed';
    problems.push(
      problemAt(of, part.at, `the schema ${OWN_SCHEMA} is Lockstep's own: migrations can't touch it`, remedy),
    );
  }
  return problems;
};

/**
 * Statements of a stepwise migration whose effect would be gone before the next one: each is sent by itself, and the
 * Data API gives it whatever session is free.
 */
export const lostBetweenSteps = (of: Source, parts: Part[]): Problem[] =>
  parts
    .filter(({ kind, tree }) => FOR_THE_SESSION.has(kind) || isTemporary(kind, tree))
    .map((part) =>
      problemAt(
        of,
        part.at,
        'this lasts only as long as its transaction, and here each statement has one of its own',
        'a statement in this file runs outside of transactions: move that one to a migration of its own',
      ),
    );

const FOR_THE_SESSION = new Set([
  'VariableSetStmt',
  'PrepareStmt',
  'DeclareCursorStmt',
  'LockStmt',
  'ConstraintsSetStmt',
]);

const isTemporary = (kind: string, tree: Part['tree']): boolean =>
  CREATES.has(kind) && (tree.relation ?? tree.into?.rel ?? tree.view ?? tree.sequence)?.relpersistence === 't';

const CREATES = new Set(['CreateStmt', 'CreateTableAsStmt', 'ViewStmt', 'CreateSeqStmt']);
