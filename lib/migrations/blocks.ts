import type { Statement } from './bundle.ts';
import { characteristics, isolationOf, OWN } from './isolation.ts';
import type { Problem } from './problem.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/** Statements between the file's own BEGIN and COMMIT (`wrapped`), or outside of them. */
export type Block = { parts: Part[]; wrapped: boolean; isolation?: Statement['isolation'] };

/**
 * Cuts a file at its own BEGIN and COMMIT, which are taken off: Lockstep says them itself, together with its history.
 * All other control of transactions is a problem: it would commit or roll back what has to be kept together.
 */
export const blocks = (of: Source, all: Part[]): { blocks: Block[]; problems: Problem[] } => {
  const blocks: Block[] = [{ parts: [], wrapped: false }];
  const problems: Problem[] = [];
  let begun: Part | null = null;
  const refuse = (part: Part, what: string, remedy: string) =>
    problems.push(problemAt(of, part.at, `${headline(part)} ${what}`, remedy));

  for (const part of all) {
    const block = blocks.at(-1)!;
    const said = asked(part, block, refuse);
    if (part.kind !== 'TransactionStmt') {
      if (said) block.isolation = said.isolation;
      else block.parts.push(part);
    } else if (begins(part)) {
      if (begun) refuse(part, 'stands inside of BEGIN', `put COMMIT before it for the BEGIN of line ${begun.line}`);
      else blocks.push({ parts: [], wrapped: true, isolation: said?.isolation });
      begun ??= part;
    } else if (part.tree.kind === 'TRANS_STMT_COMMIT') {
      if (!begun) refuse(part, 'stands without BEGIN', 'put BEGIN where the transaction begins, or take it out');
      const chained: boolean = begun !== null && Boolean(part.tree.chain);
      blocks.push({ parts: [], wrapped: chained, isolation: chained ? block.isolation : undefined });
      begun = chained ? part : null;
    } else {
      const remedy = CONTROL[part.tree.kind] ?? 'two-phase commit is not supported in migrations: take it out';
      refuse(part, CANT, remedy);
    }
  }
  if (begun) refuse(begun, 'stands without COMMIT', 'put COMMIT where the transaction ends, or take it out');
  return { blocks: blocks.filter(({ parts }) => parts.length > 0), problems };
};

/** What a statement makes of the isolation; undefined where it is about something else. */
const asked = (part: Part, block: Block, refuse: (part: Part, what: string, remedy: string) => void) => {
  const said = characteristics(part);
  if (!said) return undefined;
  const begins = part.kind === 'TransactionStmt';
  const { isolation, remedy } = isolationOf(said, begins ? undefined : block.isolation);
  if (remedy) refuse(part, CANT, remedy);
  // PostgreSQL takes no other isolation behind the first query; SET is none.
  else if (!begins && block.parts.some(({ kind }) => kind !== 'VariableSetStmt')) {
    refuse(part, CANT, `${OWN}: say it before the first other statement, or directly behind a BEGIN`);
  }
  return { isolation };
};

const begins = ({ tree }: Part): boolean => /_(BEGIN|START)$/.test(tree.kind);

const CANT = "can't stand in a migration";

const CONTROL: Record<string, string> = {
  TRANS_STMT_ROLLBACK: `${OWN} and rolls it back if a statement fails: take it out`,
  TRANS_STMT_SAVEPOINT: 'take it out; what may fail and be passed over goes into a DO block with EXCEPTION',
  TRANS_STMT_RELEASE: 'take it out, with its SAVEPOINT',
  TRANS_STMT_ROLLBACK_TO: 'take it out; what may fail and be passed over goes into a DO block with EXCEPTION',
};

/** The statement's first words, to be recognised by. */
const headline = ({ sql, tokens }: Part): string => {
  const text = Buffer.from(sql);
  const words = tokens.filter(({ kind }) => kind !== 'comment').slice(0, 3);
  return words.map(({ start, end }) => text.toString('utf8', start, end)).join(' ');
};
