import { scan, type Token } from './scan.ts';
import type { Part } from './split.ts';

/** What decides whether running a body ends the transaction around it. */
export type Body = { commits: boolean; calls: string[] };

/** The procedures that a folder creates, by name without schema. Overloads and replacements count as one. */
export type Procedures = Map<string, Body>;

/** All procedures that these statements create. */
export const procedures = (parts: Part[]): Procedures => {
  const known: Procedures = new Map();
  for (const { kind, tree } of parts) {
    if (kind !== 'CreateFunctionStmt' || !tree.is_procedure) continue;
    const name = lastName(tree.funcname);
    const body = bodyOf(tree.options);
    const before = known.get(name) ?? { commits: false, calls: [] };
    known.set(name, { commits: before.commits || body.commits, calls: [...before.calls, ...body.calls] });
  }
  return known;
};

/** Whether a DO or CALL may COMMIT or ROLLBACK. A procedure that the folder doesn't create may. */
export const mayCommit = ({ kind, tree }: Part, known: Procedures): boolean => {
  if (kind === 'DoStmt') return bodyCommits(bodyOf(tree.args), known, new Set());
  if (kind === 'CallStmt') return procedureCommits(lastName(tree.funccall.funcname), known, new Set());
  return false;
};

/** Whether a DO says COMMIT or ROLLBACK itself, so that it surely fails inside a transaction. */
export const surelyCommits = ({ kind, tree }: Pick<Part, 'kind' | 'tree'>): boolean =>
  kind === 'DoStmt' && bodyOf(tree.args).commits;

const bodyCommits = ({ commits, calls }: Body, known: Procedures, seen: Set<string>): boolean =>
  commits || calls.some((name) => procedureCommits(name, known, seen));

const procedureCommits = (name: string, known: Procedures, seen: Set<string>): boolean => {
  if (seen.has(name)) return false;
  const body = known.get(name);
  return !body || bodyCommits(body, known, seen.add(name));
};

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree
const lastName = (names: any[]): string => names.at(-1).String.sval;

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree
const bodyOf = (options: any[] = []): Body => {
  const option = (name: string) => options.find(({ DefElem }) => DefElem.defname === name)?.DefElem.arg;
  const language: string = option('language')?.String.sval.toLowerCase() ?? 'plpgsql';
  const as = option('as');
  const text: string = as?.String?.sval ?? as?.List?.items[0].String.sval ?? '';
  // A body in SQL can't end its transaction: https://www.postgresql.org/docs/18/plpgsql-transactions.html
  if (language === 'sql' || text === '') return { commits: false, calls: [] };
  return language === 'plpgsql' ? readPlpgsql(text) : { commits: /commit|rollback/i.test(text), calls: [] };
};

/** In PL/pgSQL these are statements of their own: `COMMIT [AND [NO] CHAIN];`, unlike the `ON COMMIT DROP` of a table. */
const readPlpgsql = (text: string): Body => {
  const tokens = scan(text)?.filter(({ kind }) => kind !== 'comment');
  if (!tokens) return { commits: /\b(commit|rollback)\b/i.test(text), calls: [] };
  const bytes = Buffer.from(text);
  const words = tokens.map(({ start, end }) => bytes.toString('utf8', start, end));
  const lower = words.map((word) => word.toLowerCase());
  return {
    commits: lower.some((word, at) => ENDS.has(word) && (lower[at + 1] === ';' || lower[at + 1] === 'and')),
    calls: tokens.flatMap((token, at) => (isCall(token, lower, at) ? [calledName(words, at + 1)] : [])),
  };
};

const ENDS = new Set(['commit', 'rollback']);
/** What a statement of PL/pgSQL can stand behind. */
const OPENERS = new Set([';', 'begin', 'then', 'else', 'loop', '>>']);

const isCall = ({ kind }: Token, lower: string[], at: number): boolean =>
  kind === 'keyword' && lower[at] === 'call' && OPENERS.has(lower[at - 1] ?? ';');

/** `a.b."C"` → `C`, folded as PostgreSQL folds it. */
const calledName = (words: string[], from: number): string => {
  let at = from;
  while (words[at + 1] === '.') at += 2;
  const word = words[at] ?? '';
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase();
};
