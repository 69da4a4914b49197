import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './bundle.ts';
import { sha256 } from './digest.ts';
import { type Problem, problemWith } from './problem.ts';
import { mayHoldComments, scan, type Token } from './scan.ts';
import { encodingProblem, problemAt, type Source, source } from './source.ts';
import { type Part, split } from './split.ts';

/** The folder beside the migrations for queries that must find no rows. */
export const VERIFY = 'verify';

/**
 * Reads `verify/*.sql`, each one query that must find no rows; a folder without one has no checks. Needs the parser
 * loaded.
 */
export const readChecks = (folder: string): { checks: Check[]; problems: Problem[] } => {
  const checks: Check[] = [];
  const problems: Problem[] = [];
  for (const file of list(join(folder, VERIFY))) {
    const path = join(folder, VERIFY, file);
    const read = readCheck(file, path);
    problems.push(...read.problems);
    if (read.check) checks.push(read.check);
  }
  return { checks, problems };
};

/** In code-unit order, the same on every machine. */
const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((file) => !file.startsWith('.') && (/\.sql$/i.test(file) || isFolder(join(folder, file))))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

type Read = { check?: Check; problems: Problem[] };

const readCheck = (file: string, path: string): Read => {
  if (isFolder(path)) return { problems: [problemWith(path, 'is a folder', `checks lie in ${VERIFY}/ itself`)] };
  if (!file.endsWith('.sql'))
    return { problems: [problemWith(path, 'does not end in .sql', 'write that in lower case')] };
  if (!/^\w[\w.-]*$/.test(file))
    return { problems: [problemWith(path, "has a name that can't be read", 'use letters, digits, _, . and -')] };
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    return { problems: [problemWith(path, 'is not a regular file', 'replace it by a file of SQL')] };
  const of = source(`${VERIFY}/${file}`, path, readFileSync(path));
  const encoding = encodingProblem(of);
  if (encoding) return { problems: [encoding] };
  const { parts, problems } = split(of);
  const tokens = mayHoldComments(of.body) ? (scan(of.body.toString('utf8')) ?? []) : [];
  const asked = whenOf(of, tokens);
  const [query, second] = parts;
  const all = [...problems, ...asked.problems, ...(query ? unfit(of, query, second) : [])];
  if (!query && all.length === 0)
    all.push(problemWith(path, 'holds no query', 'write one that finds what must not be'));
  if (!query || all.length > 0) return { problems: all };
  const name = file.replace(/\.sql$/, '');
  return { check: { name, file: of.name, checksum: sha256(of.bytes), when: asked.when, sql: query.sql }, problems: [] };
};

/** Why a query is no check, which only looks. */
export const unfit = (of: Source, query: Part, second?: Part): Problem[] => {
  if (second)
    return [problemAt(of, second.at, 'is a second statement', 'make it a file of its own: one query, one name')];
  const { kind, tree, at } = query;
  if (kind !== 'SelectStmt' || tree.intoClause)
    return [problemAt(of, at, 'is no query', 'write a SELECT that finds what must not be')];
  if (tree.lockingClause) return [problemAt(of, at, 'locks the rows that it finds', 'take FOR … out: it only looks')];
  // biome-ignore lint/suspicious/noExplicitAny: a parse tree
  const writes = tree.withClause?.ctes?.some((it: any) => !it.CommonTableExpr?.ctequery?.SelectStmt);
  return writes
    ? [problemAt(of, at, 'changes rows', 'leave only what looks: it runs in a transaction that reads')]
    : [];
};

/** `-- lockstep: before`, `after`, or both; after where nothing is said. */
const whenOf = (of: Source, tokens: Token[]): { when: Check['when']; problems: Problem[] } => {
  const said = new Set<string>();
  const problems: Problem[] = [];
  for (const { kind, start, end } of tokens) {
    const match =
      kind === 'comment' ? /^--[ \t]*lockstep[ \t]*:(.*)$/is.exec(of.body.toString('utf8', start, end)) : null;
    for (const [word] of match?.[1]?.matchAll(/[^\s,]+/g) ?? []) {
      if (word === 'before' || word === 'after') said.add(word);
      else problems.push(problemAt(of, start, `${word} is not a directive of a check`, 'known are before and after'));
    }
  }
  const both = said.size === 2;
  return { when: both ? 'both' : said.has('before') ? 'before' : 'after', problems };
};
