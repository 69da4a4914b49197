import type { Statement } from './bundle.ts';
import type { Part } from './split.ts';

/** What every remedy about transactions begins with. */
export const OWN = 'Lockstep runs each migration in a transaction of its own';

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

/** What a `BEGIN …` or `SET TRANSACTION …` says of its transaction, by name; null for any other statement. */
export const characteristics = ({ kind, tree }: Part): Map<string, Tree> | null => {
  if (kind === 'TransactionStmt') return tree.options ? named(tree.options) : null;
  if (kind !== 'VariableSetStmt') return null;
  if (tree.kind === 'VAR_SET_MULTI')
    return tree.name === 'TRANSACTION' ? named(tree.args) : new Map([[tree.name, null]]);
  return /^transaction_(isolation|read_only|deferrable)$/.test(tree.name)
    ? new Map([[tree.name, tree.args?.[0].A_Const]])
    : null;
};

type Isolation = Statement['isolation'];

/** The isolation a transaction has when all is said, undefined being PostgreSQL's default; or why it can't be had. */
export const isolationOf = (
  said: Map<string, Tree>,
  before?: Isolation,
): { isolation?: Isolation; remedy?: string } => {
  let isolation = before;
  for (const [name, value] of said) {
    if (name === 'transaction_isolation') {
      const level = value?.sval?.sval.toLowerCase();
      if (level === 'serializable' || level === 'repeatable read') isolation = level;
      else if (level === 'read committed' || level === 'read uncommitted') isolation = undefined;
      else return { remedy: `${OWN}: take it out` };
    } else if (name === 'transaction_read_only' || name === 'transaction_deferrable') {
      if (isOn(value)) return { remedy: REFUSED[name]! };
    } else return { remedy: REFUSED[name] ?? `${OWN}: take it out` };
  }
  return { isolation };
};

const named = (options: Tree[]): Map<string, Tree> =>
  new Map(options.map(({ DefElem }) => [DefElem.defname, DefElem.arg.A_Const]));

const isOn = (value: Tree): boolean =>
  !['false', 'off', '0', 'no', 'f', 'n'].includes(String(value?.sval?.sval ?? value?.ival?.ival ?? 0).toLowerCase());

const REFUSED: Record<string, string> = {
  transaction_read_only: 'the history of migrations is written in the same transaction: take READ ONLY out',
  transaction_deferrable: 'only transactions that are READ ONLY can wait for a safe snapshot: take DEFERRABLE out',
  'SESSION CHARACTERISTICS': `${OWN}: write BEGIN ISOLATION LEVEL … and COMMIT around what needs it`,
  'TRANSACTION SNAPSHOT': 'there is no other transaction to take the snapshot from: take it out',
};
