import { createHash, randomBytes } from 'node:crypto';
import { failure } from '../../failure.ts';
import { startCompute } from './compute.ts';
import { arnOf, type Context, instancesOf, isPast } from './context.ts';
import { isIdentifier } from './identifier.ts';
import { newInstance } from './instances.ts';
import { masterCredentials, provisionMaster } from './master-user.ts';
import { type ClusterSettings, defaultSettings } from './settings.ts';
import { settle } from './settle.ts';
import type { ClusterRecord, State, Tag } from './state.ts';

export type ClusterOptions = {
  identifier: string;
  /** Shown by DescribeDBClusters; only PostgreSQL 17 can be had here. */
  engineVersion?: string | undefined;
  databases: string[];
  secretArn: string;
  /** Whether the secret is one that RDS made: only then it is shown with the cluster. @default false */
  managesSecret?: boolean | undefined;
  httpEndpointEnabled?: boolean | undefined;
  /** What it has of its own. @default {@link DEFAULTS} */
  settings?: Partial<ClusterSettings> | undefined;
  /** Class of its one instance, the writer. @default db.serverless */
  instanceClass?: string | undefined;
  /** What is shown of it instead of the truth: makes a cluster look like one that nothing can be done with. */
  poses?: ClusterRecord['poses'] | undefined;
  tags?: Record<string, string> | undefined;
};

/** A cluster as the Data API sees it. */
export type Cluster = {
  arn: string;
  identifier: string;
  resourceId: string;
  /** Undefined while no instance is there to talk to. */
  port: number | undefined;
  /** Whether it has any, available or not. */
  hasInstance: boolean;
  databases: string[];
  secretArn: string;
  httpEndpointEnabled: boolean;
};

/** Starts the cluster's server, makes its owner and its databases; whatever is there already, stays. */
export const createCluster = async (context: Context, options: ClusterOptions): Promise<{ arn: string }> => {
  const { clock, secrets, state, save } = context;
  settle(context);
  const identifier = options.identifier.toLowerCase();
  if (!isIdentifier(identifier)) throw new InvalidClusterIdentifier({ identifier: options.identifier });
  const known = state.clusters.find((cluster) => cluster.identifier === identifier);
  const engineVersion = options.engineVersion ?? known?.engineVersion ?? '17.9';
  if (!/^17(\.|$)/.test(engineVersion)) throw new EngineVersionUnavailable({ identifier, engineVersion });
  const credentials = masterCredentials(await secrets.value(options.secretArn), options.secretArn);

  const arn = arnOf(context, 'cluster', identifier);
  const now = clock.now().toISOString();
  const record: ClusterRecord = {
    ...(known ?? newRecord(context, identifier)),
    arn,
    engineVersion,
    masterUsername: credentials.username,
    secretArn: options.secretArn,
    managesSecret: options.managesSecret ?? known?.managesSecret ?? false,
    databases: [...new Set([...(known?.databases ?? []), ...options.databases])],
    httpEndpointEnabled: options.httpEndpointEnabled ?? known?.httpEndpointEnabled ?? false,
    httpEndpointArn: options.httpEndpointEnabled ? arn : (known?.httpEndpointArn ?? arn),
    settings: options.settings ? { ...(known?.settings ?? OWNED), ...options.settings } : (known?.settings ?? OWNED),
    poses: options.poses ?? known?.poses ?? NO_POSES,
    createdAt: known?.createdAt ?? now,
    availableAt: known?.availableAt ?? now,
    stopped: false,
    tags: options.tags
      ? Object.entries(options.tags).map(([Key, Value]): Tag => ({ Key, Value }))
      : (known?.tags ?? []),
  };
  const server = await startCompute(context, record);
  await provisionMaster(server, credentials, options.databases);
  if (known) Object.assign(known, record);
  else state.clusters.push(record);
  if (instancesOf(context, record).length === 0) {
    const writer = { identifier: `${identifier}-writer`, class: options.instanceClass ?? 'db.serverless' };
    state.instances.push({ ...newInstance(context, record, writer), availableAt: now });
  }
  await save();
  return { arn };
};

/** What a cluster of a careful owner has: none of it is what a restored cluster gets by itself. */
const DEFAULTS: Partial<ClusterSettings> = {
  subnetGroup: 'lockstep-local',
  securityGroups: ['sg-0a1b2c3d4e5f60718'],
  scaling: { minimum: 0.5, maximum: 1 },
};

/** Thousands of clusters have the same: it is there once. */
const OWNED: ClusterSettings = Object.freeze({ ...defaultSettings(), ...DEFAULTS });
const NO_POSES: ClusterRecord['poses'] = Object.freeze({});

/** A cluster that has nothing yet. */
export const newRecord = (context: Context, identifier: string): ClusterRecord => {
  const arn = arnOf(context, 'cluster', identifier);
  const { state, clock } = context;
  const plain = `cluster-${createHash('sha256').update(arn).digest('hex').slice(0, 26).toUpperCase()}`;
  const isTaken = state.clusters.some(({ resourceId }) => resourceId === plain);
  const now = clock.now().toISOString();
  return {
    identifier,
    arn,
    resourceId: isTaken ? `cluster-${randomBytes(13).toString('hex').toUpperCase()}` : plain,
    folder: isFolderTaken(state, identifier) ? `${identifier}.${randomBytes(4).toString('hex')}` : identifier,
    engineVersion: '17.9',
    poses: NO_POSES,
    masterUsername: '',
    secretArn: '',
    managesSecret: false,
    databases: [],
    httpEndpointEnabled: false,
    httpEndpointArn: arn,
    settings: defaultSettings(),
    createdAt: now,
    availableAt: now,
    stopped: false,
    tags: [],
  };
};

const isFolderTaken = ({ clusters }: State, wanted: string) => clusters.some(({ folder }) => folder === wanted);

export const findCluster = (context: Context, arnOrIdentifier: string): Cluster | undefined => {
  settle(context);
  const record = context.state.clusters.find(
    // The Data API compares the ARN letter by letter.
    ({ arn, identifier }) => arn === arnOrIdentifier || identifier === arnOrIdentifier.toLowerCase(),
  );
  if (!record) return undefined;
  const instances = instancesOf(context, record);
  const isUp = !record.stopped && instances.some(({ availableAt }) => isPast(context, availableAt));
  return {
    ...record,
    httpEndpointEnabled: record.httpEndpointEnabled && record.httpEndpointArn === record.arn,
    hasInstance: instances.length > 0,
    port: isUp ? context.servers.get(record.resourceId)?.port : undefined,
  };
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
