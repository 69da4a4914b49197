import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { startServer } from '../postgres/server.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { type QueryOperation, queryService } from '../protocol/query.ts';
import type { Place, Service } from '../service.ts';
import { describeAccount } from './account.ts';
import { type Cluster, type ClusterOptions, createCluster, findCluster } from './clusters.ts';
import { startCompute } from './compute.ts';
import { type Context, instancesOf, type Quotas } from './context.ts';
import { deleteCluster } from './delete-cluster.ts';
import { describeClusters } from './describe-clusters.ts';
import { describeInstances } from './describe-instances.ts';
import { setHttpEndpoint } from './http-endpoint.ts';
import { createInstance, deleteInstance, modifyInstance } from './instances.ts';
import { modifyCluster } from './modify-cluster.ts';
import { startCluster, stopCluster } from './power.ts';
import { restoreFromSnapshot, restoreToPointInTime } from './restore.ts';
import { settle } from './settle.ts';
import { createSnapshot, deleteSnapshot, describeSnapshots } from './snapshots.ts';
import { openState } from './state.ts';
import { addTags, listTags, removeTags, tagsOf } from './tags.ts';

export type RdsOptions = {
  place: Place;
  clock: Clock;
  /** Keeps clusters, snapshots and what is known of them. */
  directory: string;
  startServer?: typeof startServer;
  secrets: { value(secretIdOrArn: string): Promise<string | undefined> };
  /** How long a snapshot is `creating`, by the clock. @default 2000 */
  snapshotMilliseconds?: number;
  /** How long a cluster or an instance is `creating`, `renaming` or `deleting`, by the clock. @default 2000 */
  changeMilliseconds?: number;
  /** Which snapshots end as `failed`. @default none */
  snapshotFails?: (identifier: string) => boolean;
  /** Whether clusters keep their log, without which none can be restored to a point in time. @default true */
  keepsLogs?: boolean;
  /** Whether clusters and snapshots are still known to the next cloud on the directory. @default true */
  keepsState?: boolean;
  /** @default as AWS has it per account and Region: 100 manual cluster snapshots, 40 clusters, 40 instances */
  quotas?: Partial<Quotas>;
};

/** Amazon RDS on one machine: Aurora PostgreSQL clusters, each a PostgreSQL server, and their snapshots. */
export const rds = (options: RdsOptions) => {
  const { place, clock, directory, secrets } = options;
  const { state, save } = openState(directory, options.keepsState);
  const inTurn = turns();
  const context: Context = {
    ...{ place, clock, directory, secrets, state, save, inTurn },
    startServer: options.startServer ?? startServer,
    servers: new Map(),
    told: new Map(),
    quotas: { manualClusterSnapshots: 100, clusters: 40, instances: 40, ...options.quotas },
    snapshotMilliseconds: options.snapshotMilliseconds ?? 2_000,
    changeMilliseconds: options.changeMilliseconds ?? 2_000,
    keepsLogs: options.keepsLogs ?? true,
    snapshotFails: options.snapshotFails ?? (() => false),
    settleAt: 0,
  };
  sweep(
    join(directory, 'snapshots'),
    state.snapshots.map(({ identifier }) => identifier),
  );
  sweep(
    join(directory, 'clusters'),
    state.clusters.map(({ folder }) => folder),
  );
  sweep(
    join(directory, 'histories'),
    state.clusters.flatMap(({ history }) => history ?? []),
  );

  const create = (cluster: ClusterOptions): Promise<{ arn: string }> =>
    // One after another where it is the same one: the second finds what the first has made.
    inTurn(`create ${cluster.identifier.toLowerCase()}`, () => createCluster(context, cluster));

  return {
    service: refusingOthers(context, operationsOf(context)),
    createCluster: create,
    /** By ARN or identifier; what the Data API needs to know of it. */
    cluster: (arnOrIdentifier: string): Cluster | undefined => findCluster(context, arnOrIdentifier),
    /** Of a cluster, an instance or a snapshot, by its ARN; none of one that isn't there. */
    tagsOf: (arn: string) => tagsOf(context, arn),
    /** Stands up the servers of all clusters that were running when the state was last used. */
    resume: async () => {
      const resting = state.clusters.filter((it) => !it.stopped && !it.goneAt && instancesOf(context, it).length > 0);
      for (const cluster of resting) await startCompute(context, cluster);
    },
    /** Stops all servers. Data and state stay in the directory. */
    stop: async () => {
      await inTurn.idle();
      await Promise.all([...context.servers.values()].map((server) => server.stop()));
    },
  };
};

const operationsOf = (context: Context): Record<string, QueryOperation> => ({
  DescribeDBClusters: describeClusters(context),
  ModifyDBCluster: modifyCluster(context),
  DeleteDBCluster: deleteCluster(context),
  StopDBCluster: stopCluster(context),
  StartDBCluster: startCluster(context),
  EnableHttpEndpoint: setHttpEndpoint(context, true),
  DisableHttpEndpoint: setHttpEndpoint(context, false),
  RestoreDBClusterFromSnapshot: restoreFromSnapshot(context),
  RestoreDBClusterToPointInTime: restoreToPointInTime(context),
  CreateDBInstance: createInstance(context),
  DescribeDBInstances: describeInstances(context),
  ModifyDBInstance: modifyInstance(context),
  DeleteDBInstance: deleteInstance(context),
  CreateDBClusterSnapshot: createSnapshot(context),
  DescribeDBClusterSnapshots: describeSnapshots(context),
  DeleteDBClusterSnapshot: deleteSnapshot(context),
  DescribeAccountAttributes: describeAccount(context),
  ListTagsForResource: listTags(context),
  AddTagsToResource: addTags(context),
  RemoveTagsFromResource: removeTags(context),
});

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';

const refusingOthers = (context: Context, operations: Record<string, QueryOperation>): Service => {
  const offered = queryService(NAMESPACE, operations);
  return (request) => {
    settle(context);
    const action = new URLSearchParams(request.body.toString()).get('Action') ?? request.query.get('Action') ?? '';
    if (Object.hasOwn(operations, action)) return offered(request);
    const refuse: QueryOperation = async () => {
      throw new AwsError(
        'UnsupportedOperation',
        `The local cloud doesn't do ${action || '(no Action)'} of Amazon RDS. It does ${Object.keys(operations).join(', ')}.`,
      );
    };
    return queryService(NAMESPACE, { [action]: refuse })(request);
  };
};

/** Work on the same thing one after another, on different things side by side. */
const turns = () => {
  const last = new Map<string, Promise<unknown>>();
  const inTurn = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const done = (last.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    last.set(key, done);
    const forget = () => last.get(key) === done && last.delete(key);
    done.then(forget, forget);
    return done;
  };
  return Object.assign(inTurn, { idle: () => Promise.allSettled(last.values()) });
};

/** What was being made when the last process ended: nobody was told it exists. */
const sweep = (folder: string, known: string[]) => {
  let found: string[] = [];
  try {
    found = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of found) if (!known.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
};
