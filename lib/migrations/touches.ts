import { carried } from './carried.ts';
import type { Part } from './split.ts';

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

/**
 * The tables that a statement locks, reads through, writes or makes, as SQL would name them (`orders`, `shop."Order"`),
 * each once: what its risk depends on. Not those that functions and triggers reach.
 */
export const touches = ({ kind, tree }: Pick<Part, 'kind' | 'tree'>): string[] => {
  const relations = carried(kind, tree).flatMap((it) => OF[it.kind]?.(it.tree) ?? []);
  return [...new Set(relations.filter(Boolean).map(nameOf))].sort();
};

const OF: Record<string, (tree: Tree) => Tree[]> = {
  AlterTableStmt: (it) =>
    ['OBJECT_TABLE', 'OBJECT_MATVIEW'].includes(it.objtype) ? [it.relation, ...it.cmds.map(referenced)] : [],
  AlterObjectSchemaStmt: (it) => [it.relation],
  ClusterStmt: (it) => [it.relation],
  CreateStmt: (it) => [it.relation],
  CreateTableAsStmt: (it) => [it.into.rel],
  CreateTrigStmt: (it) => [it.relation],
  DeleteStmt: (it) => [it.relation],
  DropStmt: (it) =>
    ['OBJECT_TABLE', 'OBJECT_MATVIEW'].includes(it.removeType)
      ? it.objects.map((object: Tree) => ofNames(object.List.items))
      : [],
  IndexStmt: (it) => [it.relation],
  // What only adds rows waits for nobody and holds up nobody.
  InsertStmt: (it) => (it.onConflictClause?.action === 'ONCONFLICT_UPDATE' ? [it.relation] : []),
  LockStmt: (it) => it.relations.map(({ RangeVar }: Tree) => RangeVar),
  MergeStmt: (it) => [it.relation],
  RefreshMatViewStmt: (it) => [it.relation],
  ReindexStmt: (it) => (it.kind === 'REINDEX_OBJECT_TABLE' ? [it.relation] : []),
  RenameStmt: (it) =>
    ['OBJECT_TABLE', 'OBJECT_COLUMN', 'OBJECT_MATVIEW', 'OBJECT_TABCONSTRAINT'].includes(it.renameType)
      ? [it.relation]
      : [],
  TruncateStmt: (it) => it.relations.map(({ RangeVar }: Tree) => RangeVar),
  UpdateStmt: (it) => [it.relation],
  VacuumStmt: (it) => (it.rels ?? []).map(({ VacuumRelation }: Tree) => VacuumRelation.relation),
};

/** The table that a new foreign key points to. */
const referenced = ({ AlterTableCmd: { def } }: Tree): Tree =>
  def?.Constraint?.pktable ??
  def?.ColumnDef?.constraints?.find(({ Constraint }: Tree) => Constraint.pktable)?.Constraint.pktable;

const ofNames = (items: Tree[]): Tree => {
  const names = items.map(({ String: name }) => name.sval);
  return { relname: names.at(-1), schemaname: names.at(-2) };
};

const nameOf = ({ schemaname, relname }: Tree): string =>
  schemaname ? `${quoted(schemaname)}.${quoted(relname)}` : quoted(relname);

/** As PostgreSQL's quote_ident, but for reserved words: a table is rarely called by one, and quoting them is harmless. */
const quoted = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** Those that people call tables by. */
const RESERVED = new Set(['user', 'order', 'group', 'table', 'column', 'check', 'references', 'session_user', 'end']);
