import { literals } from './literals.ts';
import type { Part } from './split.ts';

/** Names, without schema, of columns and their types: `table.column` → `type`. */
export type ColumnTypes = Map<string, string>;

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

/** The value that an `ALTER TYPE … ADD VALUE` adds; null for any other statement. */
export const addedValue = ({ kind, tree }: Part): string | null =>
  kind === 'AlterEnumStmt' && tree.oldVal === undefined ? tree.newVal : null;

/** Told by the value's text in a literal: at worst a migration is stepwise that need not be. */
export const uses = (part: Part, value: string): boolean =>
  !NAMING.has(part.kind) && literals(part).some(({ content }) => mentions(content, value));

/**
 * Whether a statement uses the value that `added` adds for certain: a constant that is cast to the type, or written to
 * a column of it. No difference where the type is new as well: PostgreSQL 17 lets such a value be used at once, but not
 * in a subtransaction, which every migration runs in.
 */
export const surelyUses = (part: Part, added: Part, columns: ColumnTypes): boolean => {
  const value = addedValue(added);
  if (value === null || !/^(Select|Insert|Update|Delete)Stmt$/.test(part.kind)) return false;
  const type = lastName(added.tree.typeName);
  const isValue = (node: Tree): boolean => node?.A_Const?.sval?.sval === value;
  const isColumn = (name: string) => columns.get(`${part.tree.relation.relname}.${name}`) === type;
  const cast = some(
    part.tree,
    'TypeCast',
    (it) => isValue(it.arg) && !it.typeName.arrayBounds && lastName(it.typeName.names) === type,
  );
  if (cast) return true;
  if (part.kind === 'UpdateStmt')
    return part.tree.targetList.some(({ ResTarget: it }: Tree) => isValue(it.val) && isColumn(it.name));
  if (part.kind !== 'InsertStmt') return false;
  const rows: Tree[][] = part.tree.selectStmt?.SelectStmt?.valuesLists?.map((row: Tree) => row.List.items) ?? [];
  return (part.tree.cols ?? []).some(
    ({ ResTarget: it }: Tree, at: number) => isColumn(it.name) && rows.some((row) => isValue(row[at])),
  );
};

/** The types of the columns that these statements create. */
export const columnTypes = (parts: Part[]): ColumnTypes => {
  const types: ColumnTypes = new Map();
  const note = (table: string, column: Tree) => {
    const { names, arrayBounds } = column?.typeName ?? {};
    if (names && !arrayBounds) types.set(`${table}.${column.colname}`, lastName(names));
  };
  for (const { kind, tree } of parts) {
    if (kind === 'CreateStmt') for (const it of tree.tableElts ?? []) note(tree.relation.relname, it.ColumnDef);
    if (kind === 'AlterTableStmt') {
      for (const { AlterTableCmd: it } of tree.cmds) {
        if (it.subtype === 'AT_AddColumn') note(tree.relation.relname, it.def.ColumnDef);
        else if (it.subtype === 'AT_AlterColumnType') types.delete(`${tree.relation.relname}.${it.name}`);
      }
    }
  }
  return types;
};

/** These write values' names or prose, not values. */
const NAMING = new Set(['AlterEnumStmt', 'CommentStmt']);

const mentions = (content: string, value: string): boolean =>
  content === value ||
  content.includes(`'${value.replaceAll("'", "''")}'`) ||
  (/^\s*\{.*\}\s*$/s.test(content) && content.split(/[{},"]/).some((element) => element.trim() === value));

const lastName = (names: Tree[]): string => names.at(-1).String.sval;

const some = (tree: Tree, node: string, matches: (it: Tree) => boolean): boolean =>
  tree instanceof Object &&
  Object.entries(tree).some(([key, value]) => (key === node && matches(value)) || some(value, node, matches));
