import { type DBCluster, DeleteDBClusterCommand, RestoreDBClusterToPointInTimeCommand } from '@aws-sdk/client-rds';
import { clearAway, type Log } from './clear-away.ts';
import { RestorePointFailed } from './failed.ts';
import { clusterNamed, clustersBy, isNamed, type Rds } from './look.ts';
import { type Order, outlived, restorePointIdentifier, runOf, type Standing, tagsOf } from './own.ts';
import type { Taken } from './snapshot.ts';

/** Aurora shares the pages of so many clones with their source; the next one would be a full copy, silently. */
const MOST_CLONES = 15;

/**
 * Clones a cluster copy-on-write for a run, or finds the clone it made before. It has no instances: it shares the
 * source's pages, costs what changes afterwards, and waits to be given some.
 */
export const ensureClone = async (client: Rds, order: Order, log: Log): Promise<Taken> => {
  const { cluster } = order;
  const clone = restorePointIdentifier(cluster, order.execution);
  const fail = (reason: string) => new RestorePointFailed({ cluster, restorePoint: `clone ${clone}`, reason });
  const known = await clusterNamed(client, clone);
  const source = await clusterNamed(client, cluster);
  if (!source) throw fail('can not be made: there is no such cluster');
  if (known) return adopt(known, source, order, fail);

  const group = await clonesOf(client, source);
  await clearAway(log, order, async () =>
    outlived(group.map(cloneStanding), order).map(({ name }) => ({
      name,
      gone: () => client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: name, SkipFinalSnapshot: true })),
    })),
  );
  if (group.length >= MOST_CLONES) {
    const still = (await clonesOf(client, source)).filter(({ Status }) => Status !== 'deleting');
    if (still.length >= MOST_CLONES)
      throw fail(
        `can not be made: the cluster has ${still.length} clones, and a further one would be a full copy. Delete some, or take another kind of restore point`,
      );
  }
  try {
    await client.send(cloning(source, order, clone));
  } catch (error) {
    if (isNamed(error, 'DBClusterAlreadyExistsFault')) return { percent: 0, point: null };
    // What was deleted counts until it is gone.
    const leaving = isNamed(error, 'DBClusterQuotaExceededFault') ? await clonesOf(client, source) : [];
    if (!leaving.some(({ Status }) => Status === 'deleting')) throw error;
  }
  return { percent: 0, point: null };
};

const cloning = (source: DBCluster, order: Order, clone: string) =>
  new RestoreDBClusterToPointInTimeCommand({
    DBClusterIdentifier: clone,
    SourceDBClusterIdentifier: order.cluster,
    RestoreType: 'copy-on-write',
    UseLatestRestorableTime: true,
    DBSubnetGroupName: source.DBSubnetGroup,
    VpcSecurityGroupIds: source.VpcSecurityGroups?.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    DBClusterParameterGroupName: source.DBClusterParameterGroup,
    DeletionProtection: false,
    Tags: tagsOf(order),
  });

/** All that shares pages with a cluster, without the cluster itself. */
const clonesOf = async (client: Rds, source: DBCluster): Promise<DBCluster[]> => {
  if (source.CloneGroupId === undefined) return [];
  const group = await clustersBy(client, { Name: 'clone-group-id', Values: [source.CloneGroupId] });
  return group.filter(({ DbClusterResourceId }) => DbClusterResourceId !== source.DbClusterResourceId);
};

export const cloneStanding = (it: DBCluster): Standing => ({
  name: it.DBClusterIdentifier ?? '',
  tags: it.TagList,
  status: it.Status,
  at: it.ClusterCreateTime,
});

const adopt = (
  found: DBCluster,
  source: DBCluster,
  { cluster, execution }: Order,
  fail: (reason: string) => Error,
): Taken => {
  const owner = runOf(found.TagList);
  if (owner !== execution || found.CloneGroupId !== source.CloneGroupId)
    throw fail(`was not made by this run (${owner ?? 'no tag'})`);
  const { Status: status = 'in an unknown state', ClusterCreateTime: at } = found;
  if (BROKEN.test(status)) throw fail(`is ${status}`);
  if (status !== 'available') return { percent: 0, point: null };
  if (at === undefined) throw fail('does not say when it was made');
  const clone = found.DBClusterIdentifier ?? '';
  const resourceId = source.DbClusterResourceId ?? '';
  return { percent: 100, point: { kind: 'clone', cluster, resourceId, at: at.toISOString(), clone } };
};

/** What does not become available by waiting. */
const BROKEN = /^(deleting|failed|.*failed|inaccessible.*|incompatible.*|in an unknown state)$/;
