import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Server, startServer } from '../postgres/server.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { type QueryOperation, queryService } from '../protocol/query.ts';
import type { Place, Service } from '../service.ts';
import { type Cluster, type ClusterOptions, type Context, createCluster, findCluster } from './clusters.ts';
import { describeClusters } from './describe-clusters.ts';
import { setHttpEndpoint } from './http-endpoint.ts';
import { createSnapshot, deleteSnapshot, describeSnapshots } from './snapshots.ts';
import { openState } from './state.ts';
import { addTags, listTags, removeTags } from './tags.ts';

export type RdsOptions = {
  place: Place;
  clock: Clock;
  /** Keeps clusters, snapshots and what is known of them. */
  directory: string;
  startServer?: typeof startServer;
  secrets: { value(secretIdOrArn: string): Promise<string | undefined> };
  /** How long a snapshot is `creating`, by the clock. @default 2000 */
  snapshotMilliseconds?: number;
  /** @default 100 manual cluster snapshots, as AWS has it per Region */
  quotas?: { manualClusterSnapshots: number };
};

/** Amazon RDS on one machine: Aurora PostgreSQL clusters, each a PostgreSQL server, and their snapshots. */
export const rds = (options: RdsOptions) => {
  const { place, clock, directory, secrets, quotas, snapshotMilliseconds = 2_000 } = options;
  const { state, save } = openState(directory);
  const servers = new Map<string, Server>();
  const context: Context = {
    place,
    clock,
    directory,
    startServer: options.startServer ?? startServer,
    secrets,
    state,
    save,
    servers,
  };
  sweep(
    directory,
    state.snapshots.map(({ identifier }) => identifier),
  );

  const operations: Record<string, QueryOperation> = {
    DescribeDBClusters: describeClusters(context),
    EnableHttpEndpoint: setHttpEndpoint(context, true),
    DisableHttpEndpoint: setHttpEndpoint(context, false),
    CreateDBClusterSnapshot: createSnapshot(context, {
      snapshotMilliseconds,
      quota: quotas?.manualClusterSnapshots ?? 100,
    }),
    DescribeDBClusterSnapshots: describeSnapshots(context),
    DeleteDBClusterSnapshot: deleteSnapshot(context),
    ListTagsForResource: listTags(context),
    AddTagsToResource: addTags(context),
    RemoveTagsFromResource: removeTags(context),
  };

  // One cluster after another where it is the same one: the second finds what the first has made.
  const creating = new Map<string, Promise<unknown>>();
  const create = (cluster: ClusterOptions): Promise<{ arn: string }> => {
    const key = cluster.identifier.toLowerCase();
    const made = (creating.get(key) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => createCluster(context, cluster));
    creating.set(key, made);
    return made;
  };

  return {
    service: refusingOthers(operations),
    createCluster: create,
    /** By ARN or identifier; what the Data API needs to know of it. */
    cluster: (arnOrIdentifier: string): Cluster | undefined => findCluster(context, arnOrIdentifier),
    /** Stops all servers. Data and state stay in the directory. */
    stop: async () => {
      await Promise.allSettled(creating.values());
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
};

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';

const refusingOthers = (operations: Record<string, QueryOperation>): Service => {
  const offered = queryService(NAMESPACE, operations);
  return (request) => {
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

/** Snapshots that were being taken when the last process ended: nobody was told they exist. */
const sweep = (directory: string, known: string[]) => {
  const folder = join(directory, 'snapshots');
  let found: string[] = [];
  try {
    found = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of found) if (!known.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
};
