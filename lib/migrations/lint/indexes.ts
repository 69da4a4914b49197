import { dotted, each, type Finder, isOld, nameOf, ofKind, option } from './tree.ts';

/** Rules about indexes and views, and the locks under which they are made. */
export const indexRules = {
  'blocking-index': ofKind('IndexStmt', (look, around) =>
    look.tree.concurrent || !isOld(look.tree.relation, look, around) ? [] : [{ of: nameOf(look.tree.relation) }],
  ),

  'concurrently-if-not-exists': ofKind('IndexStmt', ({ tree }) =>
    tree.concurrent && tree.if_not_exists ? [{ of: tree.idxname }] : [],
  ),

  'blocking-drop-index': ofKind('DropStmt', ({ tree }, { looks }) => {
    if (tree.removeType !== 'OBJECT_INDEX' || tree.concurrent) return [];
    const made = new Set(looks.map((it) => it.tree.idxname));
    return tree.objects
      .map(dotted)
      .filter((name: string) => !made.has(name.split('.').at(-1)))
      .map((of: string) => ({ of }));
  }),

  'blocking-reindex': ofKind('ReindexStmt', ({ tree }) =>
    option(tree.params, 'concurrently') ? [] : [{ of: tree.relation ? nameOf(tree.relation) : tree.name }],
  ),

  'blocking-refresh': ofKind('RefreshMatViewStmt', (look, around) =>
    look.tree.concurrent || look.tree.skipData || !isOld(look.tree.relation, look, around)
      ? []
      : [{ of: nameOf(look.tree.relation) }],
  ),

  'explicit-lock': each((look, around) =>
    look.kind === 'LockStmt'
      ? look.tree.relations
          .filter(({ RangeVar }: { RangeVar: object }) => isOld(RangeVar, look, around))
          .map(({ RangeVar }: { RangeVar: object }) => ({ of: nameOf(RangeVar) }))
      : [],
  ),
} satisfies Record<string, Finder>;
