import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DescribeDBInstancesCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
  type Tag,
} from '@aws-sdk/client-rds';
import { clusterNamed, clustersBy, isNamed, type Rds } from '../restore-point/look.ts';
import { KEEP_UNTIL, type Owner, runOf, tagOf } from '../restore-point/own.ts';
import { RestoreFailed } from './failures.ts';
import { instanceName } from './names.ts';
import type { RestoreItem } from './plan.ts';
import { changesTo, restoreWith } from './shape.ts';

/** What one call has come to: done, or to be called again after so many seconds. */
export type Stage = { done: boolean; seconds: number; note: string; found: DBCluster | null };

/**
 * Takes one step towards a new cluster that is like the old one and holds the data of the restore point. What is to be
 * done is seen from what stands there, never remembered: a step whose answer was lost is found done.
 */
export const make = async (
  client: Rds,
  item: RestoreItem,
  { execution, ...owner }: Owner & { execution: string },
): Promise<Stage> => {
  const found = await clusterNamed(client, item.restored);
  if (!found) return begin(client, item, restoredTags(item, { ...owner, execution }));
  checkOwn(found, item, execution);
  const wait = waiting(found);
  if (BROKEN.test(found.Status ?? ''))
    throw new RestoreFailed({ cluster: item.cluster, reason: `${item.restored} is ${found.Status}` });
  if (found.Status !== 'available') return wait(30, `${item.restored} is ${found.Status}`);
  if (await adopt(client, found, restoredTags(item, { ...owner, execution })))
    return wait(1, `${item.restored} is taken out of the restore points`);
  const changes = changesTo(found, item.shape);
  if (Object.keys(changes).length > 0) {
    const changed = { DBClusterIdentifier: item.restored, ApplyImmediately: true, ...changes };
    await client.send(new ModifyDBClusterCommand(changed));
    return wait(10, `${item.restored} is given the settings of the old one`);
  }
  const missing = await addInstances(client, item, execution, owner);
  if (missing !== null) return wait(30, missing);
  if (!found.HttpEndpointEnabled) {
    await client.send(new EnableHttpEndpointCommand({ ResourceArn: found.DBClusterArn }));
    return wait(5, 'the Data API is enabled');
  }
  return { done: true, seconds: 0, note: `${item.restored} is there`, found };
};

const waiting =
  (found: DBCluster | null) =>
  (seconds: number, note: string): Stage => ({ done: false, seconds, note, found });

const begin = async (client: Rds, item: RestoreItem, Tags: Tag[]): Promise<Stage> => {
  const { point, restored, shape, cluster } = item;
  const fail = (reason: string) => new RestoreFailed({ cluster, reason });
  const named = { DBClusterIdentifier: restored, Tags, ...restoreWith(shape) };
  try {
    if (point.kind === 'clone') throw fail(`the clone ${point.clone} is gone`);
    if (point.kind === 'snapshot') {
      const { engine: Engine, engineVersion: EngineVersion } = shape;
      await client.send(
        new RestoreDBClusterFromSnapshotCommand({
          ...named,
          SnapshotIdentifier: point.snapshot,
          Engine,
          EngineVersion,
        }),
      );
    } else {
      // The cluster may have got another name since, and another cluster its name.
      const [source] = await clustersBy(client, { Name: 'db-cluster-resource-id', Values: [point.resourceId] });
      if (!source) throw fail('the cluster whose backups are needed is gone');
      await client.send(
        new RestoreDBClusterToPointInTimeCommand({
          ...named,
          SourceDBClusterIdentifier: source.DBClusterIdentifier,
          RestoreToTime: new Date(point.at),
        }),
      );
    }
  } catch (error) {
    // By a call of ours whose answer was lost, or by somebody else: seen the next time.
    if (!isNamed(error, 'DBClusterAlreadyExistsFault')) throw error;
  }
  return waiting(null)(30, `${restored} is being made`);
};

const RESTORE_OF = 'lockstep:restore-of';

const restoredTags = (item: RestoreItem, it: Owner & { execution: string }): Tag[] => [
  ...item.shape.tags,
  ...Object.entries({
    'lockstep:service': it.service,
    'lockstep:environment': it.environment,
    'lockstep:cluster': item.cluster,
    [RESTORE_OF]: it.execution,
  }).map(([Key, Value]) => ({ Key, Value })),
];

/** The execution of the run out of whose restore point a cluster was made. */
export const restoreOf = ({ TagList }: Pick<DBCluster, 'TagList'>): string | undefined => tagOf(TagList, RESTORE_OF);

/** What bears the name and not our tags was made by somebody else, who will not want it to be changed. */
const checkOwn = (found: DBCluster, { cluster, point, restored }: RestoreItem, execution: string): void => {
  const clone = point.kind === 'clone' && runOf(found.TagList) === execution;
  if (clone || restoreOf(found) === execution) return;
  throw new RestoreFailed({
    cluster,
    reason: `${restored} stands there, and was not made of this run's restore point. It is left alone`,
  });
};

/** A clone that becomes a cluster of its own is none of the restore points any more that are cleared away. */
const adopt = async (client: Rds, found: DBCluster, Tags: Tag[]): Promise<boolean> => {
  const named = { ResourceName: found.DBClusterArn };
  if (tagOf(found.TagList, KEEP_UNTIL) !== undefined) {
    await client.send(new AddTagsToResourceCommand({ ...named, Tags }));
    await client.send(new RemoveTagsFromResourceCommand({ ...named, TagKeys: [KEEP_UNTIL] }));
    return true;
  }
  return false;
};

/** The writer is the instance that is made first. Null where all are there; otherwise, what is waited for. */
const addInstances = async (
  client: Rds,
  { cluster, restored, shape }: RestoreItem,
  execution: string,
  { service, environment }: Owner,
): Promise<string | null> => {
  const standing = new Map((await instancesOf(client, restored)).map((it) => [it.DBInstanceIdentifier, it]));
  const wanted = shape.instances.map((it, at) => ({ ...it, name: instanceName(cluster, execution, at + 1) }));
  const [writer] = wanted;
  const isReady = (name: string) => standing.get(name)?.DBInstanceStatus === 'available';
  const due = writer && !isReady(writer.name) ? [writer] : wanted;
  for (const it of due.filter(({ name }) => !standing.has(name))) {
    try {
      await client.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: it.name,
          DBClusterIdentifier: restored,
          Engine: shape.engine,
          DBInstanceClass: it.class,
          ...(it.parameterGroup === null ? {} : { DBParameterGroupName: it.parameterGroup }),
          ...(it.promotionTier === null ? {} : { PromotionTier: it.promotionTier }),
          ...(it.publiclyAccessible === null ? {} : { PubliclyAccessible: it.publiclyAccessible }),
          ...(it.minorUpgrades === null ? {} : { AutoMinorVersionUpgrade: it.minorUpgrades }),
          ...(it.performanceInsights ? { EnablePerformanceInsights: true } : {}),
          Tags: [
            ...it.tags,
            { Key: 'lockstep:service', Value: service },
            { Key: 'lockstep:environment', Value: environment },
          ],
        }),
      );
    } catch (error) {
      if (!isNamed(error, 'DBInstanceAlreadyExistsFault', 'DBInstanceAlreadyExists')) throw error;
    }
  }
  const bad = wanted.find(({ name }) => BROKEN.test(standing.get(name)?.DBInstanceStatus ?? ''));
  if (bad)
    throw new RestoreFailed({
      cluster,
      reason: `the instance ${bad.name} is ${standing.get(bad.name)?.DBInstanceStatus}`,
    });
  const left = wanted.filter(({ name }) => !isReady(name)).length;
  return left === 0 ? null : `${wanted.length - left} of ${wanted.length} instances of ${restored} are available`;
};

/** All instances of a cluster. */
export const instancesOf = async (client: Rds, cluster: string): Promise<DBInstance[]> => {
  const found: DBInstance[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [cluster] }], Marker }),
    );
    found.push(...(page.DBInstances ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
};

/** What does not become available by waiting. */
const BROKEN = /^(deleting|.*failed|inaccessible.*|incompatible.*|restore-error|storage-full)$/;
