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
