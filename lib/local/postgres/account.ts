import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure } from '../../failure.ts';

export type Account = { uid: number; gid: number };

/** PostgreSQL refuses to run as root: then it runs as an unprivileged account that the system has anyway. */
export const unprivilegedAccount = async (): Promise<Account | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const candidate of CANDIDATES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${candidate}:`))?.split(':') ?? [];
    if (/^[1-9]\d*$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new NoUnprivilegedAccount({ candidates: CANDIDATES });
};

export const NoUnprivilegedAccount = failure(
  'NoUnprivilegedAccount',
  (it: { candidates: string[] }) =>
    `PostgreSQL refuses to run as root, and /etc/passwd has none of the accounts ${it.candidates.join(', ')} to run it as. Start Lockstep as another user, or create one of them.`,
);

const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/** The first folder on the way to `path` that the account may not pass through; undefined when it gets there. */
export const obstacle = async (path: string, account: Account | undefined): Promise<string | undefined> => {
  if (!account) return undefined;
  const chain: string[] = [];
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    chain.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const folder of chain) {
    const { uid, gid, mode } = await stat(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return undefined;
};
