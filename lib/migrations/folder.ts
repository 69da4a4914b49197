import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../failure.ts';
import { byNumber, type FileName, nameRemedy, readName } from './names.ts';
import { pairUp } from './pairs.ts';
import { type Problem, problemWith } from './problem.ts';
import { encodingProblem, type Source, source } from './source.ts';

export const FolderNotFound = failure(
  'FolderNotFound',
  (it: { folder: string; reason: string }) =>
    `There is no folder of migrations at ${it.folder} (${it.reason}). Name the folder that holds the .sql files.`,
);

/** The files of one migration, as they lie in the folder. */
export type Files = { up: FileName; down: FileName | null };

/** What a folder holds, in the order of the numbers, and everything wrong with its files' names and bytes. */
export type Folder = { migrations: Files[]; sources: Map<string, Source>; problems: Problem[] };

/** Reads a folder of migrations. @throws FolderNotFound */
export const readFolder = async (folder: string): Promise<Folder> => {
  const problems: Problem[] = [];
  const names: FileName[] = [];
  for (const file of await list(folder)) {
    const problem = await judge(folder, file);
    if (problem) problems.push(problem);
    const name = problem ? null : readName(file);
    if (name) names.push(name);
  }
  names.sort(byNumber);

  if (names.length === 0 && problems.length === 0) problems.push(empty(folder));
  const { migrations, problems: clashes } = pairUp(folder, names);
  const { sources, problems: unreadable } = await readAll(folder, names);
  return { migrations, sources, problems: [...problems, ...clashes, ...unreadable] };
};

/** In code-unit order, the same on every machine, without what no one means as a migration. */
const list = async (folder: string): Promise<string[]> => {
  const files = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOTDIR' ? 'it is a file' : (cause.code ?? cause.message);
    throw new FolderNotFound({ folder, reason }, { cause });
  });
  return files.filter((file) => !file.startsWith('.')).sort();
};

/** What is wrong with an entry of the folder, if it is one that counts. */
const judge = async (folder: string, file: string): Promise<Problem | undefined> => {
  const path = join(folder, file);
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isDirectory()) {
    if (file === 'verify') return undefined;
    return problemWith(path, 'is a folder', 'migrations lie in one flat folder: move its files up, or it elsewhere');
  }
  if (!/\.sql$/i.test(file)) return undefined;
  if (entry && !entry.isFile()) return problemWith(path, 'is not a regular file', 'replace it by a file of SQL');
  if (!readName(file)) return problemWith(path, "has a name that can't be read", nameRemedy(file));
  return undefined;
};

const empty = (folder: string): Problem =>
  problemWith(folder, 'holds no migrations', 'add a first one, like 001_create_customers.sql');

const readAll = async (folder: string, names: FileName[]) => {
  const sources = new Map<string, Source>();
  const problems: Problem[] = [];
  for (const { file } of names) {
    const path = join(folder, file);
    try {
      const read = source(file, path, await readFile(path));
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
