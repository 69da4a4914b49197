import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failure } from '../../failure.ts';
import { type Account, obstacle } from './account.ts';

const PREFIX = 'lockstep-postgres-';

/** This process's folder for what all its servers share. It goes with the process; what a killed one left, the next one sweeps. */
export const scratchFolder = async (account: Account | undefined) => {
  const base = await firstReachable([tmpdir(), '/tmp', '/var/tmp'], account);
  await sweep(base).catch(() => undefined);
  const folder = await mkdtemp(join(base, `${PREFIX}${process.pid}-`));
  await chmod(folder, 0o711);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const NoScratchFolder = failure(
  'NoScratchFolder',
  (it: { tried: string[] }) =>
    `PostgreSQL needs a temporary folder that an unprivileged account can reach, and none of ${it.tried.join(', ')} is one. Set TMPDIR to such a folder.`,
);

const firstReachable = async (bases: string[], account: Account | undefined) => {
  for (const base of bases) {
    const blocked = await obstacle(join(base, 'x'), account).catch(() => base);
    if (!blocked) return base;
  }
  throw new NoScratchFolder({ tried: bases });
};

const sweep = async (base: string) => {
  for (const name of await readdir(base)) {
    const [, pid] = /^lockstep-postgres-(\d+)-/.exec(name) ?? [];
    if (!pid || isAlive(Number(pid))) continue;
    const { uid } = await stat(join(base, name));
    if (uid === process.getuid?.()) await rm(join(base, name), { recursive: true, force: true });
  }
};

/** Whether a process of this number exists, whoever owns it. */
export const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
