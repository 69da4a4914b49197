import type { Problem } from './problem.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/** A file's statements without the BEGIN and COMMIT around them, if they were written. */
export type Unwrapped = { parts: Part[]; wrapped: boolean; problems: Problem[] };

/**
 * Takes an outer BEGIN/COMMIT pair off, for every migration runs in a transaction anyway. All other control of
 * transactions is a problem: it would commit or roll back what Lockstep has to keep together.
 */
export const unwrap = (of: Source, all: Part[]): Unwrapped => {
  const [first, last] = [all[0], all.at(-1)];
  const wrapped = all.length > 1 && begins(first!) && commits(last!);
  const parts = wrapped ? all.slice(1, -1) : all;
  const problems = parts.flatMap((part) => {
    const remedy = part.kind === 'TransactionStmt' ? controlRemedy(part) : isolationRemedy(part);
    return remedy ? [problemAt(of, part.at, `${headline(part)} can't stand in a migration`, remedy)] : [];
  });
  return { parts: parts.filter((part) => part.kind !== 'TransactionStmt'), wrapped, problems };
};

const begins = ({ kind, tree }: Part): boolean =>
  kind === 'TransactionStmt' && /_(BEGIN|START)$/.test(tree.kind) && !tree.options;

const commits = ({ kind, tree }: Part): boolean =>
  kind === 'TransactionStmt' && tree.kind === 'TRANS_STMT_COMMIT' && !tree.chain;

const OWN = 'Lockstep runs each migration in a transaction of its own';
const ISOLATION = `${OWN}, READ COMMITTED: take it out, and where rows must not change meanwhile begin with LOCK TABLE`;

const CONTROL: Record<string, string> = {
  TRANS_STMT_BEGIN: `${OWN}: BEGIN may only stand first, if COMMIT stands last; take it out`,
  TRANS_STMT_START: `${OWN}: START TRANSACTION may only stand first, if COMMIT stands last; take it out`,
  TRANS_STMT_COMMIT: `${OWN}: take it out, or split the file into two migrations here`,
  TRANS_STMT_ROLLBACK: `${OWN} and rolls it back if a statement fails: take it out`,
  TRANS_STMT_SAVEPOINT: 'take it out; what may fail and be passed over goes into a DO block with EXCEPTION',
  TRANS_STMT_RELEASE: 'take it out, with its SAVEPOINT',
  TRANS_STMT_ROLLBACK_TO: 'take it out; what may fail and be passed over goes into a DO block with EXCEPTION',
};

const controlRemedy = ({ tree }: Part): string => {
  if (tree.options) return ISOLATION;
  return CONTROL[tree.kind] ?? 'two-phase commit is not supported in migrations: take it out';
};

const isolationRemedy = ({ kind, tree }: Part): string | undefined => {
  if (kind !== 'VariableSetStmt') return undefined;
  const sets = tree.kind === 'VAR_SET_MULTI' || /^transaction_(isolation|read_only|deferrable)$/.test(tree.name);
  return sets ? ISOLATION : undefined;
};

/** The statement's first words, to be recognised by. */
const headline = ({ sql, tokens }: Part): string => {
  const text = Buffer.from(sql);
  const words = tokens.filter(({ kind }) => kind !== 'comment').slice(0, 3);
  return words.map(({ start, end }) => text.toString('utf8', start, end)).join(' ');
};
