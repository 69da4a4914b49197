import type { Settlement } from './bundle.ts';
import { chosenName, type IndexNames } from './index-name.ts';
import type { Part } from './split.ts';

/**
 * How to tell whether a statement outside of a transaction took effect, if anything tells. What is said to be harmless
 * to repeat ends in the same state however often it runs.
 */
export const settlement = (part: Part, names: IndexNames): Settlement | undefined => {
  const { kind, tree } = part;
  const index = tree.idxname ?? chosenName(part, names);
  if (kind === 'IndexStmt' && index) {
    // An index always lies in its table's schema.
    return { by: 'index present', schema: tree.relation.schemaname ?? null, index };
  }
  if (kind === 'DropStmt') {
    const names: string[] = tree.objects[0].List.items.map((item: Part['tree']) => item.String.sval);
    return { by: 'index absent', schema: names.at(-2) ?? null, index: names.at(-1)! };
  }
  return REPEATABLE[kind]?.(tree) ? { by: 'repeating' } : undefined;
};

const always = () => true;
const ifExists = ({ missing_ok }: Part['tree']): boolean => Boolean(missing_ok);

const REPEATABLE: Record<string, (tree: Part['tree']) => boolean> = {
  VacuumStmt: always,
  ReindexStmt: always,
  ClusterStmt: always,
  AlterSystemStmt: always,
  AlterDatabaseStmt: always,
  DiscardStmt: always,
  // ADD and DROP PUBLICATION complain about what is already so.
  AlterSubscriptionStmt: ({ kind }) => !/_(ADD|DROP)_PUBLICATION$/.test(kind),
  DropdbStmt: ifExists,
  DropTableSpaceStmt: ifExists,
  DropSubscriptionStmt: ifExists,
};
