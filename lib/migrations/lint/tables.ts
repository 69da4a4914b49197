import { altering, before, constraintsOf, type Finder, isOld, nameOf, ofKind, option, type Tree } from './tree.ts';

/** Rules about changes of tables that are in use. */
export const tableRules = {
  'blocking-constraint': altering((action, table) => {
    if (action.subtype === 'AT_AddConstraint') {
      const { contype, skip_validation, location } = action.def.Constraint;
      return CHECKED.has(contype) && !skip_validation ? [{ at: location, of: nameOf(table) }] : [];
    }
    if (action.subtype !== 'AT_AddColumn') return [];
    // A new column without a value has nothing to check: PostgreSQL knows that of foreign keys, and NULL passes a CHECK.
    const constraints = constraintsOf(action.def.ColumnDef);
    if (!constraints.some(({ contype }) => contype === 'CONSTR_DEFAULT' || contype === 'CONSTR_GENERATED')) return [];
    return constraints
      .filter(({ contype }) => contype !== 'CONSTR_NOTNULL' && CHECKED.has(contype))
      .map(({ location }) => ({ at: location, of: nameOf(table) }));
  }),

  'blocking-unique': altering((action, table) =>
    (action.subtype === 'AT_AddConstraint'
      ? [action.def.Constraint]
      : action.subtype === 'AT_AddColumn'
        ? constraintsOf(action.def.ColumnDef)
        : []
    )
      .filter((it: Tree) => INDEXED.has(it.contype) && !it.indexname)
      .map((it: Tree) => ({ at: it.location, of: nameOf(table) })),
  ),

  'validate-at-once': altering((action, table, look, around) => {
    if (action.subtype !== 'AT_ValidateConstraint') return [];
    const added = before(look, around).some(
      ({ kind, tree }) =>
        kind === 'AlterTableStmt' &&
        tree.relation.relname === table.relname &&
        tree.cmds.some(({ AlterTableCmd: it }: Tree) => it.def?.Constraint?.conname === action.name),
    );
    return added ? [{ of: action.name }] : [];
  }),

  'scanning-not-null': altering((action, table, look, { checked }) =>
    action.subtype === 'AT_SetNotNull' && !checked.has(`${look.index}.${action.name}`)
      ? [{ of: `${nameOf(table)}.${action.name}` }]
      : [],
  ),

  'table-rewrite': (around) => [
    ...altering((action, table) => {
      if (REWRITING.has(action.subtype)) return [{ of: nameOf(table) }];
      const column = action.subtype === 'AT_AddColumn' ? action.def.ColumnDef : null;
      return column && differsByRow(column) ? [{ at: column.location, of: nameOf(table) }] : [];
    })(around),
    ...ofKind(['ClusterStmt', 'VacuumStmt'], ({ kind, tree }) => {
      if (kind === 'VacuumStmt' && !option(tree.options, 'full')) return [];
      const relation = tree.relation ?? tree.rels?.[0]?.VacuumRelation.relation;
      return [{ of: relation ? nameOf(relation) : 'every table' }];
    })(around),
  ],

  'type-change': altering((action, table) =>
    action.subtype === 'AT_AlterColumnType'
      ? [{ at: action.def.ColumnDef.location, of: `${nameOf(table)}.${action.name}` }]
      : [],
  ),

  'required-column': altering((action) => {
    if (action.subtype !== 'AT_AddColumn') return [];
    const { colname, location, typeName } = action.def.ColumnDef;
    const kinds = new Set(constraintsOf(action.def.ColumnDef).map(({ contype }) => contype));
    const required = kinds.has('CONSTR_NOTNULL') || kinds.has('CONSTR_PRIMARY');
    return required &&
      !['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'].some((it) => kinds.has(it)) &&
      !isSerial(typeName)
      ? [{ at: location, of: colname }]
      : [];
  }),

  'blocking-detach': altering((action, table) =>
    action.subtype === 'AT_DetachPartition' && !action.def.PartitionCmd.concurrent ? [{ of: nameOf(table) }] : [],
  ),

  'many-locks': (around) =>
    around.looks.flatMap((look) => {
      const earlier = before(look, around);
      const held = new Set(earlier.flatMap((it) => locked(it, around)));
      const own = locked(look, around).filter((name) => !held.has(name));
      return held.size < 3 && held.size + own.length >= 3 ? [{ look, of: [...held, ...own].join(', ') }] : [];
    }),
} satisfies Record<string, Finder>;

const CHECKED = new Set(['CONSTR_CHECK', 'CONSTR_FOREIGN', 'CONSTR_NOTNULL']);
const INDEXED = new Set(['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION']);
const REWRITING = new Set([
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetTableSpace',
  'AT_SetAccessMethod',
  'AT_SetExpression',
]);

/** Whether a new column has another value in each row, so that PostgreSQL has to write them all. */
const differsByRow = (column: Tree): boolean =>
  isSerial(column.typeName) ||
  constraintsOf(column).some(
    ({ contype, generated_kind, raw_expr }) =>
      contype === 'CONSTR_IDENTITY' ||
      (contype === 'CONSTR_GENERATED' && generated_kind !== 'v') ||
      (contype === 'CONSTR_DEFAULT' && mayVary(raw_expr)),
  );

const isSerial = ({ names }: Tree): boolean => /^(small|big)?serial[248]?$/.test(names.at(-1).String.sval);

/** Calls a function that is not known to give all rows the same. */
const mayVary = (tree: Tree): boolean => {
  if (Array.isArray(tree)) return tree.some(mayVary);
  if (tree === null || typeof tree !== 'object') return false;
  if (tree.FuncCall && !STEADY.has(tree.FuncCall.funcname.at(-1).String.sval)) return true;
  return Object.values(tree).some(mayVary);
};

/** Stable or immutable, of those that stand in defaults. */
const STEADY = new Set(
  'now statement_timestamp transaction_timestamp timezone date_trunc to_date to_timestamp make_date make_interval lower upper md5 concat current_setting current_schema json_build_object jsonb_build_object json_build_array jsonb_build_array to_json to_jsonb'.split(
    ' ',
  ),
);

/** Tables, there before, that a statement locks against writers until the transaction ends. */
const locked = (
  look: { kind: string; tree: Tree } & Parameters<typeof isOld>[1],
  around: Parameters<typeof isOld>[2],
): string[] => {
  const { kind, tree } = look;
  const light =
    kind === 'AlterTableStmt' && tree.cmds.every(({ AlterTableCmd }: Tree) => LIGHT.has(AlterTableCmd.subtype));
  const relation =
    (kind === 'AlterTableStmt' && tree.objtype === 'OBJECT_TABLE' && !light) || kind === 'CreateTrigStmt'
      ? tree.relation
      : undefined;
  return relation && isOld(relation, look, around) ? [nameOf(relation)] : [];
};

/** What takes SHARE UPDATE EXCLUSIVE, under which reading and writing go on. */
const LIGHT = new Set([
  'AT_ValidateConstraint',
  'AT_SetStatistics',
  'AT_ClusterOn',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
]);
