import { execFile } from 'node:child_process';
import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { failure } from '../../failure.ts';
import { isAlive } from './scratch.ts';

/**
 * Makes sure that a folder is ours alone to run a server in.
 * A server whose owner was killed is on its way out and waited for; a lock file without a server is removed.
 */
export const claim = async (directory: string, data: string) => {
  const ownerFile = join(directory, 'owner');
  const key = await realpath(directory);
  const owner = Number(await readFile(ownerFile, 'utf8').catch(() => '0'));
  const taken = () => new DirectoryInUse({ directory, owner: owner || process.pid });
  if (held.has(key)) throw taken();
  held.add(key);
  try {
    for (let wait = 0; await serverIn(data); wait += 100) {
      if ((owner !== process.pid && owner > 0 && isAlive(owner)) || wait > LEAVING) throw taken();
      await delay(100);
    }
    // PostgreSQL believes a lock file as soon as any process has that number, as in a container after its restart.
    await rm(join(data, 'postmaster.pid'), { force: true });
    await writeFile(ownerFile, String(process.pid));
  } catch (error) {
    held.delete(key);
    throw error;
  }
  return async () => {
    if (held.delete(key)) await rm(ownerFile, { force: true });
  };
};

export const DirectoryInUse = failure(
  'DirectoryInUse',
  (it: { directory: string; owner: number }) =>
    `A PostgreSQL server is running in ${it.directory}, started by process ${it.owner}. Stop that first, or name another folder.`,
);

const held = new Set<string>();

/** How long an orphaned server may take for its shutdown, in milliseconds. */
const LEAVING = 15_000;

/** The process number of the server that really runs on this data directory. */
export const serverIn = async (data: string) => {
  const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const number = Number(pid);
  if (!number || !isAlive(number)) return undefined;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', pid!]).catch(() => ({ stdout: '' }));
  return /postgres/.test(stdout) ? number : undefined;
};
