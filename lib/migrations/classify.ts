import { type ColumnTypes, columnTypes } from './enum-values.ts';
import { type IndexNames, indexNames } from './index-name.ts';
import { mayCommit, type Procedures, procedures } from './routines.ts';
import type { Part } from './split.ts';

/** What a statement's class depends on beyond the statement itself: what the folder creates. */
export type Surroundings = {
  procedures: Procedures;
  /** Names, without schema, of partitioned tables and their indexes. */
  partitioned: Set<string>;
  columnTypes: ColumnTypes;
  indexNames: IndexNames;
};

export const surroundings = (parts: Part[]): Surroundings => ({
  procedures: procedures(parts),
  partitioned: partitioned(parts),
  columnTypes: columnTypes(parts),
  indexNames: indexNames(parts),
});

/**
 * Whether PostgreSQL 13 to 18 run this statement inside a transaction block: the calls of PreventInTransactionBlock in
 * their sources, and the notes on the pages of each command (https://www.postgresql.org/docs/18/sql-commands.html).
 * Where it depends on what only the database knows, the answer is no: outside a block each of these always runs.
 */
export const runsInTransaction = (
  part: Part,
  { procedures, partitioned }: Pick<Surroundings, 'procedures' | 'partitioned'>,
): boolean => {
  const refused = REFUSED[part.kind];
  if (refused) return !refused(part.tree, partitioned);
  return !mayCommit(part, procedures);
};

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

const always = () => true;

const REFUSED: Record<string, (tree: Tree, partitioned: Set<string>) => boolean> = {
  // sql-createdatabase, sql-dropdatabase, sql-createtablespace, sql-droptablespace, sql-altersystem
  CreatedbStmt: always,
  DropdbStmt: always,
  CreateTableSpaceStmt: always,
  DropTableSpaceStmt: always,
  AlterSystemStmt: always,
  // sql-alterdatabase: SET TABLESPACE only
  AlterDatabaseStmt: ({ options }) => Boolean(option(options, 'tablespace')),
  // sql-createindex, sql-dropindex: CONCURRENTLY
  IndexStmt: ({ concurrent }) => Boolean(concurrent),
  DropStmt: ({ concurrent }) => Boolean(concurrent),
  // sql-reindex: CONCURRENTLY, SCHEMA, DATABASE, SYSTEM; since 14 also a partitioned table or index
  ReindexStmt: ({ kind, params, relation }, partitioned) =>
    !/_(TABLE|INDEX)$/.test(kind) || isOn(params, 'concurrently', false) || partitioned.has(relation.relname),
  // sql-cluster: without a table; since 15 also a partitioned one
  ClusterStmt: ({ relation }, partitioned) => !relation || partitioned.has(relation.relname),
  // sql-vacuum; ANALYZE is the same node
  VacuumStmt: ({ is_vacuumcmd }) => Boolean(is_vacuumcmd),
  // sql-altertable: DETACH PARTITION … CONCURRENTLY, since 14
  AlterTableStmt: ({ cmds }) => cmds.some(({ AlterTableCmd }: Tree) => AlterTableCmd.def?.PartitionCmd?.concurrent),
  // sql-discard: ALL only
  DiscardStmt: ({ target }) => target === 'DISCARD_ALL',
  // sql-createsubscription: when it creates a replication slot
  CreateSubscriptionStmt: ({ options }) => isOn(options, 'connect', true) && isOn(options, 'create_slot', true),
  // sql-altersubscription: REFRESH, changes of publications that refresh, and failover (17), two_phase (18)
  AlterSubscriptionStmt: ({ kind, options }) =>
    /_REFRESH/.test(kind) ||
    (/_PUBLICATION$/.test(kind) && isOn(options, 'refresh', true)) ||
    Boolean(option(options, 'failover') ?? option(options, 'two_phase')),
  // sql-dropsubscription: when it has a replication slot, which only the database knows
  DropSubscriptionStmt: always,
};

const option = (options: Tree[] = [], name: string): Tree =>
  options.find(({ DefElem }) => DefElem.defname === name)?.DefElem;

/** A boolean option as PostgreSQL reads it; given without a value it is on. */
const isOn = (options: Tree[] | undefined, name: string, otherwise: boolean): boolean => {
  const given = option(options, name);
  if (!given) return otherwise;
  const value = given.arg?.String?.sval ?? given.arg?.Integer?.ival ?? given.arg?.Boolean?.boolval;
  return given.arg === undefined || !['false', 'off', '0', 'no', ''].includes(String(value ?? '').toLowerCase());
};

const partitioned = (parts: Part[]): Set<string> => {
  const names = new Set<string>();
  const indexes: Tree[] = [];
  for (const { kind, tree } of parts) {
    if (kind === 'CreateStmt' && tree.partspec) {
      names.add(tree.relation.relname).add(`${tree.relation.relname}_pkey`);
    }
    if (kind === 'IndexStmt' && tree.idxname) indexes.push(tree);
  }
  // In whatever order the files are read, it is the same.
  for (const { idxname } of indexes.filter(({ relation }) => names.has(relation.relname))) names.add(idxname);
  return names;
};
