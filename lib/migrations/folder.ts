import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../failure.ts';
import { byNumber, dateProblem, type FileName, nameRemedy, readName } from './names.ts';
import { pairUp } from './pairs.ts';
import { type Problem, problemWith } from './problem.ts';
import { encodingProblem, type Source, source } from './source.ts';
import { VERIFY } from './verify-files.ts';

export const FolderNotFound = failure(
  'FolderNotFound',
  (it: { folder: string; reason: string }) =>
    `There is no folder of migrations at ${it.folder} (${it.reason}). Name the folder that holds the .sql files.`,
);

/** The files of one migration, as they lie in the folder. */
export type Files = { up: FileName; down: FileName | null };

/** What a folder holds, in the order of the numbers, and everything wrong with its files' names and bytes. */
export type Folder = { migrations: Files[]; sources: Map<string, Source>; problems: Problem[] };

/**
 * Reads a folder of migrations. It blocks, on purpose: to read thousands of small files in the background, each by
 * several errands of its own, takes ten times as long. @throws FolderNotFound
 */
export const readFolder = (folder: string): Folder => {
  const problems: Problem[] = [];
  const names: FileName[] = [];
  const entries = list(folder);
  for (const file of entries) {
    const problem = judge(folder, file);
    if (problem) problems.push(problem);
    const name = problem ? null : readName(file);
    if (name) names.push(name);
  }
  names.sort(byNumber);

  if (names.length === 0 && problems.length === 0) problems.push(empty(folder, entries));
  const { migrations, problems: clashes } = pairUp(folder, names);
  const { sources, problems: unreadable } = readAll(folder, names);
  return { migrations, sources, problems: [...problems, ...clashes, ...unreadable] };
};

/** In code-unit order, the same on every machine, without what no one means as a migration. */
const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((file) => !file.startsWith('.'))
      .sort();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new FolderNotFound({ folder, reason: code === 'ENOTDIR' ? 'it is a file' : (code ?? message) }, { cause });
  }
};

/** What is wrong with an entry of the folder, if it is one that counts. */
const judge = (folder: string, file: string): Problem | undefined => {
  const path = join(folder, file);
  const entry = entryAt(path);
  if (entry?.isDirectory()) {
    if (file === VERIFY) return undefined;
    return problemWith(path, 'is a folder', 'migrations lie in one flat folder: move its files up, or it elsewhere');
  }
  if (!/\.sql$/i.test(file)) return undefined;
  if (entry && !entry.isFile()) return problemWith(path, 'is not a regular file', 'replace it by a file of SQL');
  const name = readName(file);
  if (!name) return problemWith(path, "has a name that can't be read", nameRemedy(file));
  const wrong = dateProblem(name);
  const form = name.scheme === 'hybrid' ? 'YYYY_MM_DD_NNN' : 'YYYYMMDDHHMMSS';
  return wrong ? problemWith(path, `has a number that is no date: ${wrong}`, `mend it: ${form}`) : undefined;
};

/** Undefined for a symbolic link that leads nowhere, or in circles. */
const entryAt = (path: string) => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

/** Nobody checks an empty folder on purpose: it is the wrong one, or the first file is still to come. */
const empty = (folder: string, entries: string[]): Problem => {
  const [ending, example] =
    OTHERS.map((it) => [it, entries.find((file) => file.endsWith(it))]).find(([, it]) => it) ?? [];
  const first = 'add a first one, like 001_create_customers.sql, or name the folder that holds them';
  return ending
    ? problemWith(
        folder,
        `holds no migrations in SQL, but ${example}`,
        `Lockstep reads .sql files: write as SQL what the ${ending} files do (many tools print it), then ${first}`,
      )
    : problemWith(folder, entries.length === 0 ? 'is empty: it holds no migrations' : 'holds no migrations', first);
};

/** What migrations of other tools are written in. */
const OTHERS = ['.js', '.ts', '.mjs', '.cjs', '.py', '.rb', '.xml', '.yaml', '.yml', '.go', '.kt', '.java', '.php'];

const readAll = (folder: string, names: FileName[]) => {
  const sources = new Map<string, Source>();
  const problems: Problem[] = [];
  for (const { file } of names) {
    const path = join(folder, file);
    try {
      const read = source(file, path, readFileSync(path));
      const problem = encodingProblem(read);
      if (problem) problems.push(problem);
      else sources.set(file, read);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      problems.push(problemWith(path, `can't be read (${code ?? message})`, 'mend its permissions or replace it'));
    }
  }
  return { sources, problems };
};
