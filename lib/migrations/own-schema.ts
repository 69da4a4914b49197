import type { Part } from './split.ts';

/** Lockstep's own schema in each database: its history and functions. */
export const OWN_SCHEMA = 'lockstep';

/**
 * Whether a statement would change Lockstep's own schema or call what is in it. Reading `lockstep.history` is fine.
 * Sees what the parse tree names; not what the text of a function's body names.
 */
export const touchesOwnSchema = ({ kind, tree, sql }: Part): boolean =>
  MAY_NAME.test(sql) && names({ [kind]: tree }, '');

/**
 * A text that can name the schema at all: plainly, by escapes, or by a literal in pieces. To search the trees of all
 * others would take as long as parsing them.
 */
const MAY_NAME = /lockstep|\\|u&|'\s+'/i;

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

/** Where relations are only read. */
const READING = new Set(['fromClause', 'usingClause', 'sourceRelation']);
/** Name lists that name columns, not objects. */
const COLUMNS = new Set(['fields', 'keys', 'fk_attrs', 'pk_attrs', 'fk_del_set_cols', 'columns', 'colnames']);
/** Objects inside a table: `table.column` has two names, so it takes three for a schema. */
const INSIDE_TABLE = new Set([
  'OBJECT_COLUMN',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_RULE',
  'OBJECT_POLICY',
]);

/** @param key the field or node name that `tree` is the value of */
const names = (tree: Tree, key: string): boolean => {
  if (Array.isArray(tree)) return isQualified(tree, key) || tree.some((item) => names(item, key));
  if (tree === null || typeof tree !== 'object') return SCHEMA_FIELDS.has(key) && tree === OWN_SCHEMA;
  if (isSchemaStatement(tree) && SCHEMA_PLACES.some((place) => mentions(tree[place]))) return true;
  return Object.entries(tree).some(([field, value]: [string, Tree]) => {
    if (READING.has(field)) return readsWith(value);
    if (field === 'object' && INSIDE_TABLE.has(tree.objtype ?? tree.renameType ?? tree.objectType)) {
      return value?.List?.items.length > 2 && names(value, field);
    }
    if (field === 'VariableSetStmt') return names(value, field) || setsPath(value);
    return names(value, field);
  });
};

/** Fields that hold a schema's name, in RangeVar, CreateSchemaStmt, AlterObjectSchemaStmt, ImportForeignSchemaStmt. */
const SCHEMA_FIELDS = new Set(['schemaname', 'newschema', 'local_schema']);

/** In FROM a table's name is harmless; a call isn't, nor is a statement in a subquery's WITH. */
const readsWith = (tree: Tree): boolean => {
  if (Array.isArray(tree)) return tree.some(readsWith);
  if (tree === null || typeof tree !== 'object') return false;
  return Object.entries(tree).some(([field, value]) => {
    if (field === 'RangeVar' || field === 'schemaname') return false;
    if (field === 'FuncCall' || /^(Insert|Update|Delete|Merge)Stmt$/.test(field)) return names(value, field);
    return readsWith(value);
  });
};

const isQualified = (list: Tree[], key: string): boolean =>
  !COLUMNS.has(key) && list.length > 1 && list.every((item) => item?.String) && list[0].String.sval === OWN_SCHEMA;

/** Statements whose names are names of schemas. */
const isSchemaStatement = (tree: Tree): boolean =>
  [tree.objtype, tree.removeType, tree.renameType, tree.objectType].includes('OBJECT_SCHEMA') ||
  tree.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' ||
  tree.defname === 'schema' ||
  tree.defname === 'schemas';

/** Where these hold them; elsewhere stand roles, who may be called the same. */
const SCHEMA_PLACES = ['objects', 'object', 'subname', 'newname', 'arg'];

const setsPath = (tree: Tree): boolean => tree.name === 'search_path' && mentions(tree.args);

/** Whether any text in the tree is the schema's name. */
const mentions = (tree: Tree): boolean =>
  tree === OWN_SCHEMA || (tree instanceof Object && Object.values(tree).some(mentions));
