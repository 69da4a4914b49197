import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import { baseBackup } from './base-backup.ts';
import type { Context } from './clusters.ts';
import { cluster, status as clusterStatus } from './describe-clusters.ts';
import { identifier } from './identifier.ts';
import { filtered, page } from './paging.ts';
import type { SnapshotRecord } from './state.ts';
import { requestedTags } from './tags.ts';

export type SnapshotOptions = {
  /** How long a snapshot is `creating`, by the clock; on AWS that is minutes. */
  snapshotMilliseconds: number;
  /** AWS: 100 per Region unless raised. */
  quota: number;
};

/** The folder that holds a snapshot's data; `startServer` runs on a copy of it. */
export const snapshotFolder = (directory: string, snapshot: string) => join(directory, 'snapshots', snapshot);

export const createSnapshot = (context: Context, { snapshotMilliseconds, quota }: SnapshotOptions): QueryOperation => {
  const beingTaken = new Set<string>();
  return async (input) => {
    const { state, save, servers, clock, place, directory } = context;
    const name = identifier(input, 'DBClusterSnapshotIdentifier');
    const source = cluster(context, identifier(input, 'DBClusterIdentifier'));
    const tags = requestedTags(input);
    if (beingTaken.has(name) || state.snapshots.some((snapshot) => snapshot.identifier === name)) {
      throw new AwsError(
        'DBClusterSnapshotAlreadyExistsFault',
        `Cannot create the cluster snapshot because one with the identifier ${name} already exists.`,
      );
    }
    const server = servers.get(source.identifier);
    if (!server) {
      throw new AwsError(
        'InvalidDBClusterStateFault',
        `Cluster ${source.identifier} is ${clusterStatus(context, source)}; a snapshot needs it available.`,
      );
    }
    if (state.snapshots.length + beingTaken.size >= quota) {
      throw new AwsError('SnapshotQuotaExceeded', `Cannot create more than ${quota} manual snapshots`);
    }
    beingTaken.add(name);
    try {
      const now = clock.now();
      // The data is copied before the answer: what is written after it can't be in the snapshot.
      await clock.busy(baseBackup(server, snapshotFolder(directory, name)));
      const record: SnapshotRecord = {
        identifier: name,
        arn: `arn:${place.partition}:rds:${place.region}:${place.account}:cluster-snapshot:${name}`,
        cluster: structuredClone(source),
        createdAt: now.toISOString(),
        availableAt: new Date(now.getTime() + snapshotMilliseconds).toISOString(),
        tags,
      };
      state.snapshots.push(record);
      await save();
      return { DBClusterSnapshot: described(context, record) };
    } finally {
      beingTaken.delete(name);
    }
  };
};

export const deleteSnapshot =
  (context: Context): QueryOperation =>
  async (input) => {
    const { state, save, directory } = context;
    const record = snapshot(context, identifier(input, 'DBClusterSnapshotIdentifier'));
    if (progress(context, record) < 100) {
      throw new AwsError(
        'InvalidDBClusterSnapshotStateFault',
        `Cannot delete the snapshot ${record.identifier} because it is not currently in the available state.`,
      );
    }
    state.snapshots.splice(state.snapshots.indexOf(record), 1);
    await save();
    await rm(snapshotFolder(directory, record.identifier), { recursive: true, force: true });
    return { DBClusterSnapshot: { ...described(context, record), Status: 'deleted' } };
  };

export const describeSnapshots =
  (context: Context): QueryOperation =>
  async (input) => {
    const wanted = input.get('DBClusterSnapshotIdentifier');
    const source = input.get('DBClusterIdentifier')?.toLowerCase();
    const type = input.get('SnapshotType');
    if (wanted && source) {
      throw new AwsError(
        'InvalidParameterCombination',
        "DBClusterIdentifier can't be used in conjunction with DBClusterSnapshotIdentifier.",
      );
    }
    if (type && !TYPES.includes(type)) throw new AwsError('InvalidParameterValue', `Invalid snapshot type: ${type}`);
    const named = wanted ? [snapshot(context, wanted)] : context.state.snapshots;
    const matching = filtered(input, named, {
      'db-cluster-id': (it) => [it.cluster.identifier, it.cluster.arn],
      'db-cluster-snapshot-id': (it) => [it.identifier],
      'snapshot-type': () => ['manual'],
      engine: () => ['aurora-postgresql'],
    })
      .filter((it) => !source || it.cluster.identifier === source || it.cluster.arn === source)
      .filter((it) => !input.get('DbClusterResourceId') || it.cluster.resourceId === input.get('DbClusterResourceId'))
      // Nobody shares snapshots with the local cloud, and it takes none by itself.
      .filter(() => !type || type === 'manual');
    const { shown, Marker } = page(input, matching, (it) => it.identifier);
    return { Marker, DBClusterSnapshots: { DBClusterSnapshot: shown.map((record) => described(context, record)) } };
  };

const TYPES = ['automated', 'manual', 'shared', 'public', 'awsbackup'];

const snapshot = ({ state }: Context, wanted: string) => {
  const found = state.snapshots.find(({ identifier, arn }) => arn === wanted || identifier === wanted.toLowerCase());
  if (found) return found;
  throw new AwsError('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot ${wanted} not found.`, 404);
};

const progress = ({ clock }: Context, { createdAt, availableAt }: SnapshotRecord) => {
  const [from, to, now] = [Date.parse(createdAt), Date.parse(availableAt), clock.now().getTime()];
  return now >= to ? 100 : Math.max(0, Math.floor((100 * (now - from)) / (to - from)));
};

const described = (context: Context, record: SnapshotRecord): { [name: string]: Xml } => {
  const percent = progress(context, record);
  return {
    DBClusterSnapshotIdentifier: record.identifier,
    DBClusterSnapshotArn: record.arn,
    DBClusterIdentifier: record.cluster.identifier,
    DbClusterResourceId: record.cluster.resourceId,
    SnapshotCreateTime: record.createdAt,
    ClusterCreateTime: record.cluster.createdAt,
    Status: percent < 100 ? 'creating' : 'available',
    PercentProgress: percent,
    SnapshotType: 'manual',
    Engine: 'aurora-postgresql',
    EngineVersion: record.cluster.engineVersion,
    EngineMode: 'provisioned',
    LicenseModel: 'postgresql-license',
    MasterUsername: record.cluster.masterUsername,
    AvailabilityZones: { AvailabilityZone: [`${context.place.region}a`] },
    AllocatedStorage: 1,
    Port: 0,
    StorageEncrypted: false,
    IAMDatabaseAuthenticationEnabled: false,
    TagList: { Tag: record.tags },
  };
};
