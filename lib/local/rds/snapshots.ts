import { rm } from 'node:fs/promises';
import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import { copyData } from './compute.ts';
import { arnOf, type Context, snapshotFolder } from './context.ts';
import { checkAvailable, cluster, engine, engineVersion } from './describe-clusters.ts';
import { identifier } from './identifier.ts';
import { only } from './members.ts';
import { filtered, page } from './paging.ts';
import { describedSettings } from './settings.ts';
import type { ClusterRecord, SnapshotRecord, Tag } from './state.ts';
import { merged, requestedTags } from './tags.ts';

export const createSnapshot =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, ['DBClusterSnapshotIdentifier', 'DBClusterIdentifier', 'Tags']);
    const name = identifier(input, 'DBClusterSnapshotIdentifier');
    const source = cluster(context, identifier(input, 'DBClusterIdentifier'));
    return { DBClusterSnapshot: described(context, await takeSnapshot(context, source, name, requestedTags(input))) };
  };

/** @throws DBClusterSnapshotAlreadyExistsFault, InvalidDBClusterStateFault, SnapshotQuotaExceeded */
export const takeSnapshot = async (context: Context, source: ClusterRecord, name: string, tags: Tag[]) => {
  const { state, save, clock, directory, quotas, snapshotMilliseconds } = context;
  const isBeingTaken = beingTaken(context);
  if (isBeingTaken.has(name) || state.snapshots.some((snapshot) => snapshot.identifier === name)) {
    throw new AwsError(
      'DBClusterSnapshotAlreadyExistsFault',
      `Cannot create the cluster snapshot because one with the identifier ${name} already exists.`,
    );
  }
  checkAvailable(context, source, 'a snapshot');
  if (state.snapshots.length + isBeingTaken.size >= quotas.manualClusterSnapshots) {
    throw new AwsError(
      'SnapshotQuotaExceeded',
      `Cannot create more than ${quotas.manualClusterSnapshots} manual snapshots`,
    );
  }
  isBeingTaken.add(name);
  try {
    const now = clock.now();
    // The data is copied before the answer: what is written after it can't be in the snapshot.
    await clock.busy(copyData(context, source, snapshotFolder(directory, name)));
    const record: SnapshotRecord = {
      identifier: name,
      arn: arnOf(context, 'cluster-snapshot', name),
      cluster: structuredClone(source),
      createdAt: now.toISOString(),
      availableAt: new Date(now.getTime() + snapshotMilliseconds).toISOString(),
      fails: context.snapshotFails(name) || undefined,
      tags: source.settings.copyTagsToSnapshot ? merged(source.tags, tags) : tags,
    };
    state.snapshots.push(record);
    await save();
    return record;
  } finally {
    isBeingTaken.delete(name);
  }
};

const taking = new WeakMap<Context, Set<string>>();
const beingTaken = (context: Context) => {
  const names = taking.get(context) ?? new Set<string>();
  taking.set(context, names);
  return names;
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
      engine: (it) => [engine(it.cluster)],
    })
      .filter((it) => !source || it.cluster.identifier === source || it.cluster.arn === source)
      .filter((it) => !input.get('DbClusterResourceId') || it.cluster.resourceId === input.get('DbClusterResourceId'))
      // Nobody shares snapshots with the local cloud, and it takes none by itself.
      .filter(() => !type || type === 'manual');
    const { shown, Marker } = page(input, matching, (it) => it.identifier);
    return { Marker, DBClusterSnapshots: { DBClusterSnapshot: shown.map((record) => described(context, record)) } };
  };

const TYPES = ['automated', 'manual', 'shared', 'public', 'awsbackup'];

export const snapshot = ({ state }: Context, wanted: string) => {
  const found = state.snapshots.find(({ identifier, arn }) => arn === wanted || identifier === wanted.toLowerCase());
  if (found) return found;
  throw new AwsError('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot ${wanted} not found.`, 404);
};

const progress = ({ clock }: Context, { createdAt, availableAt }: SnapshotRecord) => {
  const [from, to, now] = [Date.parse(createdAt), Date.parse(availableAt), clock.now().getTime()];
  return now >= to ? 100 : Math.max(0, Math.floor((100 * (now - from)) / (to - from)));
};

export const snapshotStatus = (context: Context, record: SnapshotRecord) => {
  if (progress(context, record) < 100) return 'creating';
  return record.fails ? 'failed' : 'available';
};

const described = (context: Context, record: SnapshotRecord): { [name: string]: Xml } => {
  const percent = progress(context, record);
  const { StorageEncrypted, KmsKeyId, StorageType, IAMDatabaseAuthenticationEnabled } = describedSettings(
    record.cluster.settings,
  );
  return {
    DBClusterSnapshotIdentifier: record.identifier,
    DBClusterSnapshotArn: record.arn,
    DBClusterIdentifier: record.cluster.identifier,
    DbClusterResourceId: record.cluster.resourceId,
    SnapshotCreateTime: record.createdAt,
    ClusterCreateTime: record.cluster.createdAt,
    Status: snapshotStatus(context, record),
    PercentProgress: record.fails && percent === 100 ? 0 : percent,
    SnapshotType: 'manual',
    Engine: engine(record.cluster),
    EngineVersion: engineVersion(record.cluster),
    EngineMode: 'provisioned',
    LicenseModel: 'postgresql-license',
    MasterUsername: record.cluster.masterUsername,
    AvailabilityZones: { AvailabilityZone: [`${context.place.region}a`] },
    AllocatedStorage: 1,
    Port: 0,
    StorageEncrypted,
    KmsKeyId,
    StorageType,
    IAMDatabaseAuthenticationEnabled,
    TagList: { Tag: record.tags },
  };
};
