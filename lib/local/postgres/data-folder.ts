import { lchown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { failure } from '../../failure.ts';
import { type Account, obstacle } from './account.ts';
import type { Major } from './binaries.ts';
import { copyTree } from './copy-tree.ts';
import { claim, serverIn } from './occupancy.ts';
import { type Installation, installation } from './template.ts';

/** One server's place on disk: `data` is PGDATA, `password` the superuser's. */
export type DataFolder = {
  directory: string;
  data: string;
  /** What the server is told its data directory is called. */
  seenAs: string;
  password: string;
  installation: Installation;
  /** Ends a server that doesn't end by itself. */
  kill(): Promise<void>;
  release(): Promise<void>;
};

export const prepareDataFolder = async (folder: string, major: Major = 17): Promise<DataFolder> => {
  const directory = resolve(folder);
  const data = join(directory, 'data');
  const made = await installation(major);
  await mkdir(directory, { recursive: true });
  const release = await claim(directory, data);
  try {
    if (!(await stat(data).catch(() => undefined))) await copyTemplate(directory, data, made);
    await check(directory, data, made);
    const password = await readFile(join(directory, 'password'), 'utf8');
    const seenAs = await name(data, made);
    return { directory, data, seenAs, password, installation: made, kill: () => kill(data), release };
  } catch (error) {
    await release();
    throw error;
  }
};

export const ForeignDataFolder = failure(
  'ForeignDataFolder',
  (it: { directory: string; reason: string }) =>
    `${it.directory} holds no data directory that the local PostgreSQL can run: ${it.reason}. Name another folder, or remove this one.`,
);

const copyTemplate = async (directory: string, data: string, { template, password, account }: Installation) => {
  // Under another name until it is whole, so that a copy cut short is never taken for a database.
  const partial = `${data}.partial`;
  await rm(partial, { recursive: true, force: true });
  await copyTree(template, partial, { owner: account });
  await writeFile(join(directory, 'password'), password, { mode: 0o600 });
  await rename(partial, data);
};

const check = async (directory: string, data: string, { account, major }: Installation) => {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ForeignDataFolder({ directory, reason: error.message }, { cause: error });
  });
  if (version.trim() !== String(major))
    throw new ForeignDataFolder({ directory, reason: `it is of PostgreSQL ${version.trim()}, not ${major}` });
  const { uid } = await stat(data);
  if (account && uid !== account.uid) {
    if (uid !== 0) throw new ForeignDataFolder({ directory, reason: `it belongs to user ${uid}` });
    await handOver(data, account);
  }
  if (!account && uid !== process.getuid?.()) {
    throw new ForeignDataFolder({ directory, reason: `it belongs to user ${uid}; it was probably made as root` });
  }
};

/** Root copied the folder here, and with that it became root's. */
const handOver = async (folder: string, { uid, gid }: Account) => {
  const entries = await readdir(folder, { recursive: true });
  for (const path of ['', ...entries]) await lchown(join(folder, path), uid, gid);
};

/**
 * Root's folders (/root, a mktemp -d) are closed to the account PostgreSQL runs as. On Linux the server, started inside
 * its data directory, can call that by the link the kernel keeps to it, which passes through no folder.
 */
const name = async (data: string, { account, major }: Installation) => {
  const closed = await obstacle(data, account);
  if (!closed) return data;
  // Before 16 it leaves its folder for a moment as it starts, and couldn't come back.
  if (process.platform === 'linux' && major >= 16) return '/proc/self/cwd';
  const reason = `PostgreSQL, which can't run as root, may not enter ${closed}`;
  throw new ForeignDataFolder({ directory: data, reason });
};

const kill = async (data: string) => {
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    const pid = await serverIn(data);
    if (pid) process.kill(pid, signal);
    await delay(2_000);
  }
};
