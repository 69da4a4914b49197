import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { copyTree } from '../postgres/copy-tree.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import { newRecord } from './clusters.ts';
import { copyData, removeData } from './compute.ts';
import { type Context, clusterFolder, instancesOf, later, snapshotFolder } from './context.ts';
import { checkAvailable, cluster, described, engine, engineVersion } from './describe-clusters.ts';
import { dataAsOf, isRestorable } from './history.ts';
import { identifier } from './identifier.ts';
import { flag, only, whole } from './members.ts';
import { checkGroups, defaultSettings, requestedSettings, SETTINGS } from './settings.ts';
import { snapshot, snapshotStatus } from './snapshots.ts';
import type { ClusterRecord } from './state.ts';
import { requestedTags } from './tags.ts';

export const restoreFromSnapshot =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, [...COMMON, 'SnapshotIdentifier', 'Engine', 'EngineVersion', 'AvailabilityZones']);
    const record = newCluster(context, input);
    const from = snapshot(context, input.get('SnapshotIdentifier') ?? '');
    const now = snapshotStatus(context, from);
    if (now !== 'available')
      throw new AwsError('InvalidDBClusterSnapshotStateFault', `The snapshot ${from.identifier} is ${now}.`);
    if (input.get('Engine') !== engine(from.cluster)) {
      const sentence = `The snapshot ${from.identifier} is of the engine ${engine(from.cluster)}.`;
      throw new AwsError('InvalidParameterCombination', sentence);
    }
    const version = input.get('EngineVersion') ?? engineVersion(from.cluster);
    if (version.split('.')[0] !== engineVersion(from.cluster).split('.')[0]) {
      throw new AwsError(
        'UnsupportedOperation',
        `The local cloud restores a snapshot of ${engineVersion(from.cluster)} to that major version only, not to ${version}.`,
      );
    }
    take(record, from.cluster, input);
    if (!record.poses.engineVersion) record.engineVersion = version;
    return made(context, record, (directory) =>
      copyTree(snapshotFolder(context.directory, from.identifier), directory),
    );
  };

export const restoreToPointInTime =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, [...COMMON, 'SourceDBClusterIdentifier', 'RestoreType', 'RestoreToTime', 'UseLatestRestorableTime']);
    const record = newCluster(context, input);
    const source = cluster(context, input.get('SourceDBClusterIdentifier') ?? '');
    const type = input.get('RestoreType') ?? 'full-copy';
    if (type !== 'full-copy' && type !== 'copy-on-write')
      throw new AwsError('InvalidParameterValue', `Invalid restore type: ${type}`);
    const to = input.get('RestoreToTime');
    if ((flag(input, 'UseLatestRestorableTime') ?? false) === (to !== null)) {
      throw new AwsError(
        'InvalidParameterCombination',
        'Specify one of RestoreToTime and UseLatestRestorableTime, and not both.',
      );
    }
    if (type === 'copy-on-write' && to)
      throw new AwsError('InvalidParameterCombination', "RestoreToTime can't be used with the type copy-on-write.");
    checkAvailable(context, source, 'a restore');
    if (type === 'copy-on-write' && instancesOf(context, source).length === 0)
      throw new AwsError('InvalidDBClusterStateFault', `Cluster ${source.identifier} has no instance to be cloned.`);
    const instant = to ? restorable(context, source, to) : undefined;
    take(record, source, input);
    if (type === 'copy-on-write') {
      source.cloneGroup ??= randomUUID();
      record.cloneGroup = source.cloneGroup;
    }
    return made(context, record, (directory) =>
      instant ? dataAsOf(context, source, instant, directory) : copyData(context, source, directory),
    );
  };

const COMMON = ['DBClusterIdentifier', 'Port', 'Tags', 'EngineMode', ...SETTINGS];

/** @throws DBClusterAlreadyExistsFault, DBClusterQuotaExceededFault */
const newCluster = (context: Context, input: URLSearchParams) => {
  const { state, quotas } = context;
  const name = identifier(input, 'DBClusterIdentifier');
  if (state.clusters.some((it) => it.identifier === name || it.renaming?.identifier === name))
    throw new AwsError('DBClusterAlreadyExistsFault', `DB Cluster already exists: ${name}`);
  if (state.clusters.length >= quotas.clusters)
    throw new AwsError('DBClusterQuotaExceededFault', `Cannot create more than ${quotas.clusters} clusters`, 403);
  if (![null, 'provisioned'].includes(input.get('EngineMode')))
    throw new AwsError('InvalidParameterValue', 'The engine mode of Aurora PostgreSQL 17 is provisioned.');
  // Each server has the port it gets; that the number is a possible one is all that can be kept of it.
  whole(input, 'Port', 1150, 65_535);
  checkGroups(input, state);
  return newRecord(context, name);
};

const restorable = (context: Context, source: ClusterRecord, to: string) => {
  const instant = new Date(to);
  if (!Number.isNaN(instant.getTime()) && isRestorable(context, source, instant)) return instant;
  throw new AwsError(
    'InvalidParameterValue',
    `The time ${to} is not between the earliest and the latest restorable time of ${source.identifier}.`,
  );
};

/** What comes along with the data; all else is as asked for, or what RDS gives any new cluster. */
const take = (record: ClusterRecord, from: ClusterRecord, input: URLSearchParams) => {
  const { engineVersion, masterUsername, secretArn, databases, poses } = structuredClone(from);
  Object.assign(record, { engineVersion, masterUsername, secretArn, databases, poses });
  record.settings = requestedSettings(input, { ...defaultSettings(), kmsKeyId: from.settings.kmsKeyId });
  record.tags = requestedTags(input);
};

/** The data is all there before the answer, though the cluster is `creating` for a while. */
const made = async (context: Context, record: ClusterRecord, copy: (directory: string) => Promise<void>) => {
  const { state, save, clock } = context;
  record.availableAt = later(context);
  state.clusters.push(record);
  const directory = clusterFolder(context, record);
  try {
    await clock.busy(mkdir(dirname(directory), { recursive: true }).then(() => copy(directory)));
  } catch (error) {
    state.clusters.splice(state.clusters.indexOf(record), 1);
    await removeData(context, record);
    throw error;
  }
  await save();
  return { DBCluster: described(context, record) };
};
