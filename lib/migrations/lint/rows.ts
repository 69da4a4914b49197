import { carried } from '../carried.ts';
import { beginsStatement, wordsOf } from './body.ts';
import { altering, before, dotted, each, type Finder, isOld, type Look, nameOf, ofKind, type Tree } from './tree.ts';

/** Rules about rows, and about what is taken away. */
export const rowRules = {
  'unbounded-backfill': backfills((locked) => (of) => (locked === undefined ? [{ of }] : [])),

  'backfill-under-lock': backfills((locked) => () => (locked === undefined ? [] : [{ of: locked }])),

  truncate: (around) => [
    ...ofKind('TruncateStmt', (look) => (look.tree.behavior === 'DROP_CASCADE' ? [] : emptied(look, around)))(around),
    ...ofKind(['DoStmt', 'CreateFunctionStmt'], ({ tree }) => emptiedIn(tree.args ?? tree.options))(around),
  ],

  'truncate-cascade': ofKind('TruncateStmt', (look, around) =>
    look.tree.behavior === 'DROP_CASCADE' ? emptied(look, around) : [],
  ),

  'drop-column': altering((action, table) =>
    action.subtype === 'AT_DropColumn' ? [{ of: `${nameOf(table)}.${action.name}` }] : [],
  ),

  'drop-table': ofKind('DropStmt', (look, around) =>
    ['OBJECT_TABLE', 'OBJECT_SCHEMA', 'OBJECT_MATVIEW'].includes(look.tree.removeType)
      ? look.tree.objects
          .filter((object: Tree) => isOld({ relname: dotted(object).split('.').at(-1) }, look, around))
          .map((object: Tree) => ({ of: dotted(object) }))
      : [],
  ),

  rename: ofKind(['RenameStmt', 'AlterObjectSchemaStmt'], (look, around) => {
    const { renameType, objectType, relation, subname } = look.tree;
    if (!RENAMED.has(renameType ?? objectType) || !relation || !isOld(relation, look, around)) return [];
    return [{ of: subname ? `${nameOf(relation)}.${subname}` : nameOf(relation) }];
  }),

  'drop-cascade': (around) => [
    ...ofKind(['DropStmt', 'DropOwnedStmt'], (look) =>
      look.tree.behavior === 'DROP_CASCADE' && !allMadeHere(look, around)
        ? [{ of: look.kind === 'DropOwnedStmt' ? 'all that a role owns' : look.tree.objects.map(dotted).join(', ') }]
        : [],
    )(around),
    ...altering((action, table) =>
      action.behavior === 'DROP_CASCADE' ? [{ of: `${nameOf(table)}.${action.name}` }] : [],
    )(around),
  ],
} satisfies Record<string, Finder>;

const RENAMED = new Set(['OBJECT_TABLE', 'OBJECT_COLUMN', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_ATTRIBUTE']);

const allMadeHere = (look: Look, around: Parameters<typeof isOld>[2]): boolean =>
  look.kind === 'DropStmt' &&
  look.tree.objects.every((object: Tree) => !isOld({ relname: dotted(object).split('.').at(-1) }, look, around));

const emptied = (look: Look, around: Parameters<typeof isOld>[2]) =>
  look.tree.relations
    .filter(({ RangeVar }: Tree) => isOld(RangeVar, look, around))
    .map(({ RangeVar }: Tree) => ({ of: nameOf(RangeVar) }));

/** What a body empties, itself or by EXECUTE: the row guard sees nothing of that. */
const emptiedIn = (options: Tree[]): { of: string }[] => {
  const words = wordsOf(options);
  const lower = words.map((word) => word.toLowerCase());
  return lower.flatMap((word, at) => {
    if (/^(e?'|\$\w*\$)\s*truncate\b/.test(word) && isExecuted(lower, at)) return [{ of: 'a table by EXECUTE' }];
    if (word !== 'truncate' || !beginsStatement(lower, at)) return [];
    const first = lower.findIndex((it, index) => index > at && it !== 'table' && it !== 'only');
    return [{ of: lower[first + 1] === '.' ? words.slice(first, first + 3).join('') : (words[first] ?? 'a table') }];
  });
};

/** `EXECUTE '…'`, `EXECUTE format('…'`: no text that is only told. */
const isExecuted = (lower: string[], at: number): boolean =>
  lower[at - 1] === 'execute' || (lower[at - 1] === '(' && lower[at - 2] === 'format');

/** UPDATE and DELETE whose WHERE leaves open how many rows they change; `locked` is a table that their transaction has locked. */
function backfills(tell: (locked: string | undefined) => (of: string) => { of: string }[]): Finder {
  return each((look, around) => {
    const unbounded = carried(look.kind, look.tree)
      .filter(({ kind, tree }) => CHANGES.test(kind) && !isBounded(tree.whereClause))
      .map(({ tree }) => tree.relation)
      .filter((relation) => isOld(relation, look, around));
    if (unbounded.length === 0) return [];
    const locking = before(look, around).find(
      ({ kind, tree, ...it }) =>
        kind === 'AlterTableStmt' &&
        isOld(tree.relation, { kind, tree, ...it }, around) &&
        tree.cmds.some(({ AlterTableCmd }: Tree) => AlterTableCmd.subtype !== 'AT_ValidateConstraint'),
    );
    return unbounded.flatMap((it) => tell(locking && nameOf(locking.tree.relation))(nameOf(it)));
  });
}

const CHANGES = /^(Update|Delete)Stmt$/;

/** Whether a condition speaks of certain rows. That a column is still NULL, or that tables are joined, does not. */
const isBounded = (tree: Tree): boolean => {
  if (!tree) return false;
  const { BoolExpr, A_Expr, SubLink, CurrentOfExpr } = tree;
  if (BoolExpr?.boolop === 'AND_EXPR') return BoolExpr.args.some(isBounded);
  if (BoolExpr?.boolop === 'OR_EXPR') return BoolExpr.args.every(isBounded);
  if (A_Expr) return A_Expr.kind !== 'AEXPR_DISTINCT' && [A_Expr.lexpr, A_Expr.rexpr].some((side) => !isColumn(side));
  return SubLink !== undefined || CurrentOfExpr !== undefined;
};

const isColumn = (tree: Tree): boolean => tree?.ColumnRef !== undefined;
