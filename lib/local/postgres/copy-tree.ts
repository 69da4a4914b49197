import { constants } from 'node:fs';
import { chown, copyFile, lstat, mkdir, readdir, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';

export type CopyOptions = {
  owner?: Account | undefined;
  /** Paths relative to the source that are left out; a folder that is left out is left out whole. */
  skip?: (path: string) => boolean;
};

/**
 * Copies a folder, as clones where the file system can. What vanishes meanwhile is left out:
 * a running PostgreSQL removes files at any time, and its log says what became of them.
 */
export const copyTree = async (
  from: string,
  to: string,
  { owner, skip = () => false }: CopyOptions = {},
  inside = '',
) => {
  const source = join(from, inside);
  const target = join(to, inside);
  const { mode } = await lstat(source);
  await mkdir(target, { mode: mode & 0o777 });
  if (owner) await chown(target, owner.uid, owner.gid);
  const entries = await readdir(source, { withFileTypes: true });
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const batch = entries.slice(start, start + AT_ONCE).map(async (entry) => {
      const path = join(inside, entry.name);
      if (skip(path)) return;
      if (entry.isDirectory()) await copyTree(from, to, { owner, skip }, path);
      else if (entry.isSymbolicLink()) await copyLink(join(from, path), join(to, path), owner);
      else if (entry.isFile()) await copy(join(from, path), join(to, path), owner);
    });
    await Promise.all(batch.map((work) => work.catch(unlessVanished)));
  }
};

const AT_ONCE = 16;

/** A link to a file becomes that file: the link may be absolute, and where it points closed to the new owner. */
const copyLink = async (from: string, to: string, owner: Account | undefined) => {
  const target = await stat(from);
  if (target.isFile()) await copy(from, to, owner);
  else await symlink(await readlink(from), to);
};

const copy = async (from: string, to: string, owner: Account | undefined) => {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  if (owner) await chown(to, owner.uid, owner.gid);
};

const unlessVanished = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error;
};
