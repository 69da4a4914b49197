import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { copyTree } from '../postgres/copy-tree.ts';
import type { Server } from '../postgres/server.ts';
import { installation } from '../postgres/template.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { baseBackup } from './base-backup.ts';
import type { Context } from './context.ts';
import type { ClusterRecord } from './state.ts';

/** Where the data is that a cluster's log goes on from. */
const beginning = ({ directory }: Context, { history = '' }: ClusterRecord) => join(directory, 'histories', history);

/**
 * Keeps what a restore to any later instant needs: the data as it is now, and from here on the log. A replication slot
 * that nobody reads from makes PostgreSQL keep it, which costs no process per segment as archiving would.
 */
export const keepHistory = async (context: Context, record: ClusterRecord, server: Server, isFresh: boolean) => {
  const client = await server.connect();
  try {
    await client.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
      SLOT,
    ]);
    await client.query('SELECT pg_create_physical_replication_slot($1, true)', [SLOT]);
  } finally {
    await client.end();
  }
  record.history = isFresh ? await emptyCluster(context, server) : record.folder;
  if (!isFresh) {
    await rm(beginning(context, record), { recursive: true, force: true });
    await baseBackup(server, beginning(context, record));
  }
  record.restorableSince = context.clock.now().toISOString();
  await context.save();
};

/** All clusters of a process begin as the same empty one: it is kept once, which spares each of them a backup. */
const emptyCluster = async ({ directory, inTurn }: Context, { password }: Server) => {
  const name = `empty.${createHash('sha256').update(password).digest('hex').slice(0, 16)}`;
  const folder = join(directory, 'histories', name);
  await inTurn(name, async () => {
    if (await stat(folder).catch(() => undefined)) return;
    const { template } = await installation();
    await rm(`${folder}.partial`, { recursive: true, force: true });
    await mkdir(`${folder}.partial`, { recursive: true });
    await copyTree(template, join(`${folder}.partial`, 'data'));
    await writeFile(join(`${folder}.partial`, 'password'), password, { mode: 0o600 });
    await rename(`${folder}.partial`, folder);
  });
  return name;
};

export const forgetHistory = async (context: Context, record: ClusterRecord) => {
  if (record.history === record.folder) await rm(beginning(context, record), { recursive: true, force: true });
};

const SLOT = 'lockstep_history';

/**
 * The latest restorable time, as it is told from now on. Each telling has an instant of its own, so that a restore to
 * it is exact even under a clock that stands still while others write.
 */
export const tellRestorableTime = (context: Context, { resourceId, restorableSince }: ClusterRecord): string => {
  // Nobody restores what keeps no log.
  if (restorableSince === undefined) return context.clock.now().toISOString();
  const told = context.told.get(resourceId) ?? [];
  const at = Math.max(context.clock.now().getTime(), (told.at(-1)?.at ?? 0) + 1);
  context.told.set(resourceId, [...told.slice(1 - REMEMBERED), { at, real: Date.now() }]);
  return new Date(at).toISOString();
};

const REMEMBERED = 1_000;

/** Whether a cluster can be restored to an instant. */
export const isRestorable = (context: Context, { resourceId, restorableSince, createdAt }: ClusterRecord, to: Date) => {
  const latest = Math.max(context.clock.now().getTime(), context.told.get(resourceId)?.at(-1)?.at ?? 0);
  return to.getTime() >= Date.parse(restorableSince ?? createdAt) && to.getTime() <= latest;
};

/** Makes a cluster's data of back then: the data as it was once, and the log applied to it up to that instant. */
export const dataAsOf = async (context: Context, record: ClusterRecord, to: Date, directory: string) => {
  const server = context.servers.get(record.resourceId);
  if (!server || !record.restorableSince) throw noHistory(record, 'it keeps no log, or does not run');
  const target = new Date(realTime(context, record, to));
  await closeLog(record, server);
  await mkdir(dirname(directory), { recursive: true });
  await copyTree(beginning(context, record), directory);
  const log = join(server.data, 'pg_wal');
  for (const name of (await readdir(log)).filter((it) => /^[0-9A-F]{24}$|\.history$/.test(it)))
    await copyFile(join(log, name), join(directory, 'data', 'pg_wal', name));
  await writeFile(join(directory, 'data', 'recovery.signal'), '');
  await writeFile(join(directory, 'data', OVERRIDES), recoverTo(target));
  const recovered = await context.startServer({ directory });
  await recovered.stop();
  await writeFile(join(directory, 'data', OVERRIDES), '');
};

const OVERRIDES = 'postgresql.auto.conf';

/**
 * `false` for lack of an archive: PostgreSQL then looks for the log where it is.
 * Nor does it know the zone "Z" as early as it reads this. Nobody is let in meanwhile, as that would take settings like
 * those that the log began with, which were initdb's.
 */
const recoverTo = (target: Date) => `restore_command = 'false'
recovery_target_time = '${target.toISOString().replace('Z', '+00')}'
recovery_target_inclusive = off
recovery_target_action = promote
hot_standby = off
`;

/** PostgreSQL's log knows the machine's time; what was told at an instant of the cloud's clock is at the same place in it. */
const realTime = ({ told, clock }: Context, record: ClusterRecord, to: Date) => {
  const all = told.get(record.resourceId) ?? [];
  const next = all.find(({ at }) => at > to.getTime());
  const last = all.findLast(({ at }) => at <= to.getTime());
  if (!last && Math.abs(clock.now().getTime() - Date.now()) > 1_000)
    throw noHistory(
      record,
      "nobody was told that time since the local cloud was opened, and its clock isn't the machine's",
    );
  const real = last ? last.real + (to.getTime() - last.at) : to.getTime();
  // The millisecond itself belongs to it, as what was done before the telling may have been done in that millisecond.
  return Math.min(real, next?.real ?? Number.POSITIVE_INFINITY, Date.now()) + 1;
};

/** Recovery stops at the first transaction after the instant; so there has to be one. */
const closeLog = async (record: ClusterRecord, server: Server) => {
  await delay(5);
  const client = await server.connect();
  try {
    const { rows } = await client.query<{ wal_status: string }>(
      'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
      [SLOT],
    );
    if (!rows[0] || rows[0].wal_status === 'lost') throw noHistory(record, 'its log has grown too long to be kept');
    // A transaction that writes nothing into the log is not waited for until it stands in the files, which are copied next.
    await client.query('SET synchronous_commit = on');
    await client.query("SELECT pg_logical_emit_message(true, 'lockstep', 'closed')");
  } finally {
    await client.end();
  }
};

const noHistory = ({ identifier }: ClusterRecord, reason: string) =>
  new AwsError(
    'InvalidRestoreFault',
    `The local cloud can't restore ${identifier} to a point in time: ${reason}. The latest restorable time can be had with UseLatestRestorableTime.`,
  );
