import { surelyCommits } from '../routines.ts';
import { sessionSettings } from './session-settings.ts';
import { altering, each, type Finder, nameOf, ofKind, type Tree } from './tree.ts';

/** Rules about what is sent by itself, and about what a fleet of databases brings. */
export const stepRules = {
  // Within a transaction of Lockstep's, settings are taken back; what commits by itself leaves them to its session.
  'leaking-set': each(({ statement, kind, tree }) => {
    const commits = kind === 'DoStmt' ? !statement.transactional : isCommittingProcedure(kind, tree);
    return commits ? sessionSettings(tree.args ?? tree.options).map((of) => ({ of })) : [];
  }),

  'unrepeatable-step': each(({ statement: { transactional, settles } }) => (transactional || settles ? [] : [{}])),

  'cluster-wide-object': ofKind(
    ['CreateRoleStmt', 'CreatedbStmt', 'CreateTableSpaceStmt', 'DropRoleStmt', 'DropTableSpaceStmt'],
    ({ kind, tree }) =>
      tree.missing_ok
        ? []
        : [{ of: `the ${NOUNS[kind]} ${tree.role ?? tree.dbname ?? tree.tablespacename ?? dropped(tree)}` }],
  ),

  'names-a-database': each(({ kind, tree }) => {
    const of = NAMING[kind]?.(tree);
    return of === undefined ? [] : [{ of }];
  }),

  'lasting-setting': ofKind(['AlterRoleSetStmt', 'AlterSystemStmt'], ({ tree }) => [
    { of: tree.setstmt.name ?? 'everything' },
  ]),

  'if-not-exists': (around) => [
    ...ofKind(['CreateStmt', 'CreateTableAsStmt', 'IndexStmt'], ({ tree }) =>
      tree.if_not_exists && !tree.concurrent ? [{ of: tree.idxname ?? nameOf(tree.into?.rel ?? tree.relation) }] : [],
    )(around),
    ...altering((action, table) =>
      action.subtype === 'AT_AddColumn' && action.missing_ok
        ? [{ of: `${nameOf(table)}.${action.def.ColumnDef.colname}` }]
        : [],
    )(around),
  ],

  'unpinned-extension': ofKind('CreateExtensionStmt', ({ tree }) =>
    (tree.options ?? []).some(({ DefElem }: Tree) => DefElem.defname === 'new_version') ? [] : [{ of: tree.extname }],
  ),
} satisfies Record<string, Finder>;

const isCommittingProcedure = (kind: string, tree: Tree): boolean =>
  kind === 'CreateFunctionStmt' &&
  Boolean(tree.is_procedure) &&
  surelyCommits({ kind: 'DoStmt', tree: { args: tree.options } });

const NOUNS: Record<string, string> = {
  CreateRoleStmt: 'role',
  DropRoleStmt: 'role',
  CreatedbStmt: 'database',
  CreateTableSpaceStmt: 'tablespace',
  DropTableSpaceStmt: 'tablespace',
};

const dropped = ({ roles = [] }: Tree): string => roles.map(({ RoleSpec }: Tree) => RoleSpec.rolename).join(', ');

const ofDatabase = (tree: Tree): string | undefined =>
  (tree.objtype ?? tree.renameType ?? tree.objectType) === 'OBJECT_DATABASE'
    ? (tree.object?.String?.sval ?? tree.subname ?? tree.objects?.[0]?.String?.sval ?? 'of that name')
    : undefined;

const NAMING: Record<string, (tree: Tree) => string | undefined> = {
  GrantStmt: ofDatabase,
  CommentStmt: ofDatabase,
  RenameStmt: ofDatabase,
  AlterOwnerStmt: ofDatabase,
  AlterDatabaseStmt: ({ dbname }) => dbname,
  AlterDatabaseSetStmt: ({ dbname }) => dbname,
  DropdbStmt: ({ dbname }) => dbname,
};
