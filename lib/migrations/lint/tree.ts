import type { Statement } from '../bundle.ts';

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
export type Tree = any;

/** A statement with what the parser understood, and where in its direction it stands. */
export type Look = { statement: Statement; index: number; kind: string; tree: Tree };

/** What a rule looks at: one direction of a migration. */
export type Around = {
  looks: Look[];
  direction: 'up' | 'down';
  /** Columns whose SET NOT NULL needs no scan, as `statement.column`: a validated check says it already. */
  checked: ReadonlySet<string>;
};

/** Something found: in which statement, at which byte of it, about what. */
export type Hit = { look?: Look; at?: number; of?: string };

export type Finder = (around: Around) => Hit[];

/** A rule that looks at each statement by itself, and at those before it. */
export const each =
  (find: (look: Look, around: Around) => Omit<Hit, 'look'>[]): Finder =>
  (around) =>
    around.looks.flatMap((look) => find(look, around).map((hit) => ({ ...hit, look })));

/** A rule about statements of one kind. */
export const ofKind = (kind: string | string[], find: (look: Look, around: Around) => Omit<Hit, 'look'>[]): Finder =>
  each((look, around) => ([kind].flat().includes(look.kind) ? find(look, around) : []));

/** A rule about the actions of ALTER TABLE on tables that were there before the migration. */
export const altering = (
  find: (action: Tree, table: Tree, look: Look, around: Around) => Omit<Hit, 'look'>[],
): Finder =>
  ofKind('AlterTableStmt', (look, around) => {
    const { relation, cmds, objtype } = look.tree;
    if (objtype !== 'OBJECT_TABLE' || !isOld(relation, look, around)) return [];
    return cmds.flatMap(({ AlterTableCmd }: Tree) => find(AlterTableCmd, relation, look, around));
  });

/** `schema.table` as it is written. */
export const nameOf = ({ schemaname, relname }: Tree): string => (schemaname ? `${schemaname}.${relname}` : relname);

/** A dotted name of a list of names, as of DROP. */
export const dotted = (object: Tree): string =>
  (object.List?.items ?? object.ObjectWithArgs?.objname ?? [object])
    .map(
      ({ String: name, TypeName }: Tree) => name?.sval ?? TypeName?.names.map((it: Tree) => it.String.sval).join('.'),
    )
    .join('.');

/** Whether a table was there before this migration: what it makes itself is empty, and nobody uses it yet. */
export const isOld = (relation: Tree, { index }: Look, { looks }: Pick<Around, 'looks'>): boolean =>
  relation.relpersistence !== 't' &&
  !looks.slice(0, index).some(({ kind, tree }) => madeBy(kind, tree)?.relname === relation.relname);

const madeBy = (kind: string, tree: Tree): Tree | undefined => {
  if (kind === 'CreateStmt') return tree.relation;
  if (kind === 'CreateTableAsStmt') return tree.into.rel;
  return kind === 'SelectStmt' ? tree.intoClause?.rel : undefined;
};

export const option = (options: Tree[] = [], name: string): Tree =>
  options.find(({ DefElem }) => DefElem?.defname === name)?.DefElem;

/** Statements that share a transaction with this one and stand before it. */
export const before = ({ index, statement }: Look, { looks }: Around): Look[] =>
  statement.transactional
    ? looks
        .slice(0, index)
        .filter((it) => it.statement.transactional && (it.statement.group ?? 0) === (statement.group ?? 0))
    : [];

/** Constraints that a new column brings along. */
export const constraintsOf = (column: Tree): Tree[] =>
  (column?.constraints ?? []).map(({ Constraint }: Tree) => Constraint);
