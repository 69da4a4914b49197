import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyTree } from '../postgres/copy-tree.ts';
import type { Server } from '../postgres/server.ts';
import { baseBackup } from './base-backup.ts';
import { type Context, clusterFolder, instancesOf } from './context.ts';
import { forgetHistory, keepHistory } from './history.ts';
import type { ClusterRecord } from './state.ts';

/** Starts the cluster's server, unless it runs. */
export const startCompute = (context: Context, record: ClusterRecord): Promise<Server> =>
  context.inTurn(record.resourceId, async () => {
    const { servers, startServer } = context;
    const running = servers.get(record.resourceId);
    if (running) return running;
    const directory = clusterFolder(context, record);
    const isFresh = !(await stat(join(directory, 'data')).catch(() => undefined));
    const server = await startServer({ directory });
    servers.set(record.resourceId, server);
    void server.exited.then(() => servers.get(record.resourceId) === server && servers.delete(record.resourceId));
    if (context.keepsLogs && !record.restorableSince) await keepHistory(context, record, server, isFresh);
    return server;
  });

export const stopCompute = (context: Context, record: ClusterRecord): Promise<void> =>
  context.inTurn(record.resourceId, async () => {
    await context.servers.get(record.resourceId)?.stop();
    context.servers.delete(record.resourceId);
  });

/** A cluster without an instance has no server, though it has its data. */
export const stopIdleCompute = async (context: Context, record: ClusterRecord) => {
  if (instancesOf(context, record).length === 0) await stopCompute(context, record);
};

/** Copies a cluster's data as it stands, whether a server works on it or not. */
export const copyData = (context: Context, record: ClusterRecord, directory: string): Promise<void> => {
  const server = context.servers.get(record.resourceId);
  if (server) return server.copyTo?.(directory) ?? baseBackup(server, directory);
  return context.inTurn(record.resourceId, () => copyTree(clusterFolder(context, record), directory, { skip }));
};

/** Who used the folder, and the slot that keeps the log of the original. */
const skip = (path: string) => path === 'owner' || path.startsWith(join('data', 'pg_replslot', '/'));

export const removeData = async (context: Context, record: ClusterRecord) => {
  await stopCompute(context, record);
  await rm(clusterFolder(context, record), { recursive: true, force: true });
  await forgetHistory(context, record);
};
