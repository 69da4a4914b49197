import { chown, copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unprivilegedAccount } from '../postgres/account.ts';
import { copyTree } from '../postgres/copy-tree.ts';
import type { Server } from '../postgres/server.ts';

/**
 * Copies a running server's data: a base backup, as PostgreSQL's manual has it under "Making a Base Backup Using the
 * Low Level API". Writers go on meanwhile; the copy shows the data as it stood when this ended.
 * `startServer` runs on a copy of the folder as on any other.
 */
export const baseBackup = async (server: Server, directory: string) => {
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const owner = await unprivilegedAccount();
  const data = join(partial, 'data');
  const client = await server.connect();
  try {
    // Without a slot a checkpoint during the copy could recycle the log that makes the copy whole.
    await client.query(`SELECT pg_create_physical_replication_slot('lockstep_' || pg_backend_pid(), true, true)`);
    const { rows: started } = await client.query<Started>(
      'SELECT pg_walfile_name(lsn) AS segment FROM pg_backup_start($1, true) AS lsn',
      ['lockstep'],
    );
    await copyTree(server.data, data, { owner, skip });
    const { rows: stopped } = await client.query<Stopped>(
      'SELECT labelfile AS label, pg_walfile_name(lsn) AS segment FROM pg_backup_stop(false)',
    );
    await copyLog(server.data, data, started[0]!.segment, stopped[0]!.segment, owner);
    await writeFile(join(data, 'backup_label'), stopped[0]!.label, { mode: 0o600 });
    if (owner) await chown(join(data, 'backup_label'), owner.uid, owner.gid);
    await copyFile(join(server.directory, 'password'), join(partial, 'password'));
  } finally {
    await client.end();
  }
  await rename(partial, directory);
};

type Started = { segment: string };
type Stopped = { label: string; segment: string };

/** What the manual says to leave out: the log (copied apart), and what belongs to the running server alone. */
const skip = (path: string) =>
  /^(postmaster\.(pid|opts)|(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.+)$/.test(
    path,
  ) || /(^|\/)(pgsql_tmp[^/]*|pg_internal\.init[^/]*)$/.test(path);

const copyLog = async (
  from: string,
  to: string,
  first: string,
  last: string,
  owner: Awaited<ReturnType<typeof unprivilegedAccount>>,
) => {
  const segments = (await readdir(join(from, 'pg_wal'))).filter(
    (name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last,
  );
  await mkdir(join(to, 'pg_wal', 'archive_status'), { recursive: true, mode: 0o700 });
  for (const segment of segments) await copyFile(join(from, 'pg_wal', segment), join(to, 'pg_wal', segment));
  const made = ['archive_status', ...segments].map((name) => join(to, 'pg_wal', name));
  if (owner) await Promise.all(made.map((path) => chown(path, owner.uid, owner.gid)));
};
