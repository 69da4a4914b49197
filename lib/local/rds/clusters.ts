import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { failure } from '../../failure.ts';
import type { Clock } from '../clock.ts';
import type { Server, startServer as start } from '../postgres/server.ts';
import type { Place } from '../service.ts';
import { isIdentifier } from './identifier.ts';
import { masterCredentials, provisionMaster } from './master-user.ts';
import type { ClusterRecord, State, Tag } from './state.ts';

export type ClusterOptions = {
  identifier: string;
  /** Shown by DescribeDBClusters; only PostgreSQL 17 can be had here. */
  engineVersion?: string;
  databases: string[];
  secretArn: string;
  httpEndpointEnabled?: boolean;
  tags?: Record<string, string>;
};

/** A cluster as the Data API sees it. */
export type Cluster = {
  arn: string;
  identifier: string;
  resourceId: string;
  /** Undefined while no server runs for it. */
  port: number | undefined;
  databases: string[];
  secretArn: string;
  httpEndpointEnabled: boolean;
};

export type Context = {
  place: Place;
  clock: Clock;
  directory: string;
  startServer: typeof start;
  secrets: { value(secretIdOrArn: string): Promise<string | undefined> };
  state: State;
  save(): Promise<void>;
  /** Running servers by cluster identifier. */
  servers: Map<string, Server>;
};

/** Starts the cluster's server, makes its owner and its databases; whatever is there already, stays. */
export const createCluster = async (context: Context, options: ClusterOptions): Promise<{ arn: string }> => {
  const { place, clock, directory, startServer, secrets, state, save, servers } = context;
  const { databases, secretArn, tags } = options;
  const identifier = options.identifier.toLowerCase();
  if (!isIdentifier(identifier)) throw new InvalidClusterIdentifier({ identifier: options.identifier });
  const known = state.clusters.find((cluster) => cluster.identifier === identifier);
  const engineVersion = options.engineVersion ?? known?.engineVersion ?? '17.9';
  if (!/^17(\.|$)/.test(engineVersion)) throw new EngineVersionUnavailable({ identifier, engineVersion });
  const credentials = masterCredentials(await secrets.value(secretArn), secretArn);

  const server = servers.get(identifier) ?? (await startServer({ directory: join(directory, 'clusters', identifier) }));
  servers.set(identifier, server);
  void server.exited.then(() => servers.get(identifier) === server && servers.delete(identifier));
  await provisionMaster(server, credentials, databases);

  const arn = `arn:${place.partition}:rds:${place.region}:${place.account}:cluster:${identifier}`;
  const record: ClusterRecord = {
    identifier,
    arn,
    resourceId:
      known?.resourceId ?? `cluster-${createHash('sha256').update(arn).digest('hex').slice(0, 26).toUpperCase()}`,
    engineVersion,
    masterUsername: credentials.username,
    secretArn,
    databases: [...new Set([...(known?.databases ?? []), ...databases])],
    httpEndpointEnabled: options.httpEndpointEnabled ?? known?.httpEndpointEnabled ?? false,
    createdAt: known?.createdAt ?? clock.now().toISOString(),
    tags: tags ? Object.entries(tags).map(([Key, Value]): Tag => ({ Key, Value })) : (known?.tags ?? []),
  };
  if (known) Object.assign(known, record);
  else state.clusters.push(record);
  await save();
  return { arn };
};

export const findCluster = ({ state, servers }: Context, arnOrIdentifier: string): Cluster | undefined => {
  const record = state.clusters.find(
    // The Data API compares the ARN letter by letter.
    ({ arn, identifier }) => arn === arnOrIdentifier || identifier === arnOrIdentifier.toLowerCase(),
  );
  return record && { ...record, port: servers.get(record.identifier)?.port };
};

export const InvalidClusterIdentifier = failure(
  'InvalidClusterIdentifier',
  (it: { identifier: string }) =>
    `"${it.identifier}" can't name an Aurora cluster: 1 to 63 letters, digits and single hyphens, a letter first, no hyphen at the end.`,
);

export const EngineVersionUnavailable = failure(
  'EngineVersionUnavailable',
  (it: { identifier: string; engineVersion: string }) =>
    `The cluster ${it.identifier} asks for PostgreSQL ${it.engineVersion}, but the local cloud has 17 only. Set the engine version to 17.x to run it here.`,
);
