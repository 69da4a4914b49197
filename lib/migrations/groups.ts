import type { Block } from './blocks.ts';
import type { Statement } from './bundle.ts';
import { runsInTransaction, type Surroundings } from './classify.ts';
import { addedValue, surelyUses, uses } from './enum-values.ts';
import type { Problem } from './problem.ts';
import { isSetting } from './settings.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/** Statements that commit together; one that can't run in a transaction stands alone. */
export type Group = {
  parts: Part[];
  transactional: boolean;
  /** Whether it stands between the file's own BEGIN and COMMIT. */
  wrapped: boolean;
  isolation?: Statement['isolation'];
};

/**
 * Cuts a file's blocks into groups. Outside of BEGIN and COMMIT, neighbours share a transaction unless the author wants
 * each by itself, or one uses an enum's value that another adds: PostgreSQL lets no transaction use a value it added
 * (https://www.postgresql.org/docs/18/sql-altertype.html).
 */
export const groups = (
  of: Source,
  blocks: Block[],
  around: Surroundings,
  stepwise: boolean,
): { groups: Group[]; problems: Problem[] } => ({
  groups: blocks.flatMap((block) =>
    block.wrapped ? [{ ...block, transactional: true }] : cut(block, around, stepwise),
  ),
  problems: blocks.flatMap((block) => {
    if (block.wrapped) return block.parts.flatMap((part, at) => notInBlock(of, part, block.parts.slice(0, at), around));
    return stepwise && block.isolation ? [isolationOfNothing(of, block)] : [];
  }),
});

const cut = ({ parts, isolation }: Block, around: Surroundings, stepwise: boolean): Group[] => {
  const groups: Group[] = [];
  for (const part of parts) {
    const transactional = runsInTransaction(part, around);
    const last = groups.at(-1);
    const apart = !last?.transactional || !transactional || usesAdded(last.parts, part);
    // A setting alone would be a transaction for nothing.
    if (apart || (stepwise && !last.parts.every(isSetting))) {
      groups.push({ parts: [part], transactional, wrapped: false, ...(transactional && isolation && { isolation }) });
    } else last.parts.push(part);
  }
  return groups;
};

const usesAdded = (before: Part[], part: Part): boolean =>
  before.some((one) => {
    const value = addedValue(one);
    return value !== null && uses(part, value);
  });

const notInBlock = (of: Source, part: Part, before: Part[], around: Surroundings): Problem[] => {
  if (!runsInTransaction(part, around)) {
    const remedy = 'take BEGIN and COMMIT out, or put COMMIT before it and BEGIN behind it';
    return [problemAt(of, part.at, "PostgreSQL doesn't run this between BEGIN and COMMIT", remedy)];
  }
  return before
    .filter((one) => surelyUses(part, one, around.columnTypes))
    .map((one) =>
      problemAt(
        of,
        part.at,
        `PostgreSQL can't use '${one.tree.newVal}' in the transaction that adds it, in line ${one.line}`,
        'put COMMIT; BEGIN; between them, or take BEGIN and COMMIT out',
      ),
    );
};

const isolationOfNothing = (of: Source, { parts }: Block): Problem =>
  problemAt(
    of,
    parts[0]!.at,
    'SET TRANSACTION stands before it, but here each statement has a transaction of its own',
    'write BEGIN before SET TRANSACTION and COMMIT where its transaction ends',
  );
