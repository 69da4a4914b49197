import {
  type DBCluster,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
} from '@aws-sdk/client-rds';
import { clusterNamed, clustersBy, isNamed, type Rds } from '../restore-point/look.ts';
import { RestoreFailed } from './failures.ts';
import type { Stage } from './make.ts';
import type { RestoreItem } from './plan.ts';

/**
 * Takes one step towards the new cluster bearing the old one's name. Both are followed by RDS's own ids, which stay
 * with them. The Data API knows a cluster under the name at which it was enabled: so it is disabled before a renaming
 * and enabled afterwards, and that it is enabled tells that it was enabled under the new name. `protects` hears of the
 * old one before it is protected from deletion.
 */
export const swap = async (
  client: Rds,
  item: RestoreItem,
  resourceId: string,
  protects: (resourceId: string) => Promise<void>,
): Promise<Stage> => {
  const { cluster, kept } = item;
  const fresh = await byId(client, resourceId);
  if (!fresh) throw new RestoreFailed({ cluster, reason: 'the new cluster is gone' });
  const old = await byId(client, item.replaces);
  const wait = (seconds: number, note: string): Stage => ({ done: false, seconds, note, found: fresh });
  const isThere = (it: DBCluster) => it.Status === 'available';

  if (old?.DBClusterIdentifier === cluster) {
    if (!isThere(old)) return wait(5, `${cluster} is ${old.Status}`);
    if (!isThere(fresh)) return wait(5, `${fresh.DBClusterIdentifier} is ${fresh.Status}`);
    if (!old.DeletionProtection) {
      await protects(item.replaces);
      await modify(client, old, { DeletionProtection: true });
      return wait(2, `${cluster} is protected from deletion`);
    }
    await disable(client, fresh);
    await disable(client, old);
    await modify(client, old, { NewDBClusterIdentifier: kept });
    return wait(5, `${cluster} is renamed to ${kept}`);
  }
  if (fresh.DBClusterIdentifier !== cluster) {
    if (old && !isThere(old)) return wait(5, `${old.DBClusterIdentifier} is ${old.Status}`);
    if (!isThere(fresh)) return wait(5, `${fresh.DBClusterIdentifier} is ${fresh.Status}`);
    await disable(client, fresh);
    await takeName(client, fresh, item);
    return wait(5, `${fresh.DBClusterIdentifier} is renamed to ${cluster}`);
  }
  if (!isThere(fresh)) return wait(5, `${cluster} is ${fresh.Status}`);
  if (!fresh.HttpEndpointEnabled) {
    await enable(client, fresh);
    return wait(2, `the Data API is enabled for ${cluster}`);
  }
  if (old && item.shape.dataApi && isThere(old) && !old.HttpEndpointEnabled) {
    await enable(client, old);
    return wait(1, `the Data API is enabled for ${old.DBClusterIdentifier}`);
  }
  return { done: true, seconds: 0, note: `${cluster} is the restored one`, found: fresh };
};

const byId = async (client: Rds, resourceId: string): Promise<DBCluster | undefined> =>
  (await clustersBy(client, { Name: 'db-cluster-resource-id', Values: [resourceId] }))[0];

const modify = (client: Rds, { DBClusterIdentifier }: DBCluster, changes: object) =>
  client.send(new ModifyDBClusterCommand({ DBClusterIdentifier, ApplyImmediately: true, ...changes }));

const enable = (client: Rds, { DBClusterArn: ResourceArn }: DBCluster) =>
  client.send(new EnableHttpEndpointCommand({ ResourceArn }));

const disable = async (client: Rds, { DBClusterArn: ResourceArn, HttpEndpointEnabled }: DBCluster): Promise<void> => {
  if (HttpEndpointEnabled) await client.send(new DisableHttpEndpointCommand({ ResourceArn }));
};

const takeName = async (client: Rds, fresh: DBCluster, { cluster, replaces }: RestoreItem): Promise<void> => {
  try {
    await modify(client, fresh, { NewDBClusterIdentifier: cluster });
  } catch (error) {
    if (!isNamed(error, 'DBClusterAlreadyExistsFault')) throw error;
    // RDS may still hold the name that was given up a moment ago.
    const holder = await clusterNamed(client, cluster);
    if (holder === undefined || [replaces, fresh.DbClusterResourceId].includes(holder.DbClusterResourceId)) return;
    throw new RestoreFailed(
      { cluster, reason: `another cluster has taken the name; the new one is ${fresh.DBClusterIdentifier}` },
      { cause: error },
    );
  }
};
