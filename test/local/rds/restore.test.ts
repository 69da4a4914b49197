import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterCommandInput,
  ModifyDBInstanceCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  type RestoreDBClusterFromSnapshotCommandInput,
  RestoreDBClusterToPointInTimeCommand,
  type RestoreDBClusterToPointInTimeCommandInput,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { rds } from '../../../lib/local/rds/rds.ts';
import { dataApi } from '../../../lib/local/rds-data/data-api.ts';
import { serving } from './serving.ts';

const clock = virtualClock();
const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:one';
const secrets = { value: async () => '{"username":"clerk","password":"pass word"}' };
let directory: string;
let control: ReturnType<typeof rds>;
let sdk: RDSClient;
let data: RDSDataClient;
let close: () => Promise<void>;

const open = () =>
  rds({
    place: { partition: 'aws', region: 'eu-central-1', account: '123456789012' },
    ...{ clock, directory, secrets, changeMilliseconds: 60_000 },
    snapshotFails: (name) => name === 'broken',
    quotas: { clusters: 6, instances: 5, manualClusterSnapshots: 4 },
  });
const arn = (identifier: string) => `arn:aws:rds:eu-central-1:123456789012:cluster:${identifier}`;
const minute = () => clock.sleep(60_000);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  control = open();
  await control.createCluster({ identifier: 'orders', databases: ['shop'], secretArn, httpEndpointEnabled: true });
  const api = dataApi({ clock, clusters: (it) => control.cluster(it), secrets });
  const served = await serving({ rds: (request) => control.service(request), 'rds-data': api.service });
  sdk = new RDSClient(served.client);
  data = new RDSDataClient(served.client);
  close = async () => {
    sdk.destroy();
    data.destroy();
    await served.close();
    await api.close();
  };
});
afterAll(async () => {
  await close();
  await control.stop();
  await rm(directory, { recursive: true, force: true });
});

const sql = async (on: string, statement: string) => {
  const asked = { resourceArn: arn(on), secretArn, database: 'shop', sql: statement };
  return (await data.send(new ExecuteStatementCommand(asked))).records?.map(([it]) => it?.longValue ?? it?.stringValue);
};
const cluster = async (DBClusterIdentifier: string) =>
  (await sdk.send(new DescribeDBClustersCommand({ DBClusterIdentifier }))).DBClusters![0]!;
const instance = async (DBInstanceIdentifier: string) =>
  (await sdk.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances![0]!;
const snapshot = async (name: string) => {
  await sdk.send(
    new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name, DBClusterIdentifier: 'orders' }),
  );
  await clock.sleep(2_000);
};
const fromSnapshot = (input: Partial<RestoreDBClusterFromSnapshotCommandInput> = {}) =>
  sdk.send(
    new RestoreDBClusterFromSnapshotCommand({
      ...{ DBClusterIdentifier: 'restored', SnapshotIdentifier: 'before', Engine: 'aurora-postgresql' },
      ...input,
    }),
  );
const toPointInTime = (input: Partial<RestoreDBClusterToPointInTimeCommandInput>) =>
  sdk.send(
    new RestoreDBClusterToPointInTimeCommand({
      ...{ DBClusterIdentifier: 'then', SourceDBClusterIdentifier: 'orders' },
      ...input,
    }),
  );
const addInstance = (of: string, input: Partial<CreateDBInstanceCommandInput> = {}) =>
  sdk.send(
    new CreateDBInstanceCommand({
      ...{ DBInstanceIdentifier: `${of}-one`, DBClusterIdentifier: of, Engine: 'aurora-postgresql' },
      ...{ DBInstanceClass: 'db.r6g.large', ...input },
    }),
  );
const modify = (of: string, input: Partial<ModifyDBClusterCommandInput>) =>
  sdk.send(new ModifyDBClusterCommand({ DBClusterIdentifier: of, ...input }));
const rename = (from: string, to: string) => modify(from, { NewDBClusterIdentifier: to, ApplyImmediately: true });
const enable = (of: string) => sdk.send(new EnableHttpEndpointCommand({ ResourceArn: arn(of) }));
const remove = async (of: string) => {
  await sdk.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: `${of}-one` })).catch(() => undefined);
  await sdk.send(new DeleteDBClusterCommand({ DBClusterIdentifier: of, SkipFinalSnapshot: true }));
  await minute();
};

test('a cluster shows everything that a restore has to ask for again', async () => {
  expect(await cluster('orders')).toMatchObject({
    DBSubnetGroup: 'lockstep-local',
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0a1b2c3d4e5f60718', Status: 'active' }],
    DBClusterParameterGroup: 'default.aurora-postgresql17',
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 1 },
    IAMDatabaseAuthenticationEnabled: false,
    BackupRetentionPeriod: 1,
    DeletionProtection: false,
    StorageEncrypted: false,
    DBClusterMembers: [{ DBInstanceIdentifier: 'orders-writer', IsClusterWriter: true, PromotionTier: 1 }],
  });
  expect((await cluster('orders')).MasterUserSecret).toBeUndefined();
  expect(await instance('orders-writer')).toMatchObject({
    DBInstanceArn: 'arn:aws:rds:eu-central-1:123456789012:db:orders-writer',
    DBClusterIdentifier: 'orders',
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.serverless',
    DBParameterGroups: [{ DBParameterGroupName: 'default.aurora-postgresql17' }],
    PromotionTier: 1,
    Endpoint: { Port: control.cluster('orders')!.port },
  });
});

describe('a cluster restored from a snapshot', () => {
  test('is a new one with the data of back then, and without anything else', async () => {
    await sql('orders', 'CREATE TABLE sold AS SELECT 1 AS n');
    await snapshot('before');
    await sql('orders', 'INSERT INTO sold VALUES (2)');
    const { DBCluster } = await fromSnapshot();
    expect(DBCluster).toMatchObject({
      ...{ DBClusterIdentifier: 'restored', DBClusterArn: arn('restored'), Status: 'creating' },
      ...{ DBSubnetGroup: 'default', HttpEndpointEnabled: false, MasterUsername: 'clerk', EngineVersion: '17.9' },
    });
    expect(DBCluster!.ServerlessV2ScalingConfiguration).toBeUndefined();
    expect(DBCluster!.DBClusterMembers ?? []).toEqual([]);
    await expect(addInstance('restored')).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await minute();
    expect((await cluster('restored')).Status).toBe('available');
  });

  test('answers the Data API once that is enabled and an instance has come up', async () => {
    await expect(sql('restored', 'SELECT 1')).rejects.toMatchObject({ name: 'HttpEndpointNotEnabledException' });
    await enable('restored');
    await expect(sql('restored', 'SELECT 1')).rejects.toMatchObject({
      name: 'DatabaseNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(addInstance('restored', { DBInstanceClass: 'db.serverless' })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    const { DBInstance } = await addInstance('restored', { PromotionTier: 3 });
    expect(DBInstance).toMatchObject({ DBInstanceStatus: 'creating', PromotionTier: 3 });
    await expect(sql('restored', 'SELECT 1')).rejects.toMatchObject({ name: 'DatabaseUnavailableException' });
    await minute();
    expect(await sql('restored', 'SELECT n FROM sold')).toEqual([1]);
    expect(await sql('orders', 'SELECT n FROM sold ORDER BY n')).toEqual([1, 2]);
  });

  test('has what was asked for', async () => {
    await fromSnapshot({
      ...{ DBClusterIdentifier: 'asked', DBSubnetGroupName: 'lockstep-local', VpcSecurityGroupIds: ['sg-1', 'sg-2'] },
      ...{ EnableIAMDatabaseAuthentication: true, DeletionProtection: true, KmsKeyId: 'key', BackupRetentionPeriod: 7 },
      ...{ ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4 }, CopyTagsToSnapshot: true },
      ...{ EnableCloudwatchLogsExports: ['postgresql'], StorageType: 'aurora-iopt1', Port: 5432 },
      Tags: [{ Key: 'run', Value: '7' }],
    });
    expect(await cluster('asked')).toMatchObject({
      ...{ DBSubnetGroup: 'lockstep-local', IAMDatabaseAuthenticationEnabled: true, DeletionProtection: true },
      ...{ StorageEncrypted: true, KmsKeyId: 'key', BackupRetentionPeriod: 7, StorageType: 'aurora-iopt1' },
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1' }, { VpcSecurityGroupId: 'sg-2' }],
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4, SecondsUntilAutoPause: 300 },
      EnabledCloudwatchLogsExports: ['postgresql'],
      TagList: [{ Key: 'run', Value: '7' }],
    });
    await minute();
    await expect(remove('asked')).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await modify('asked', { DeletionProtection: false });
    await remove('asked');
  });

  test('is not made from a snapshot that has failed, or is still being taken', async () => {
    const taken = { DBClusterSnapshotIdentifier: 'broken' };
    await sdk.send(new CreateDBClusterSnapshotCommand({ ...taken, DBClusterIdentifier: 'orders' }));
    for (const Status of ['creating', 'failed']) {
      const { DBClusterSnapshots } = await sdk.send(new DescribeDBClusterSnapshotsCommand(taken));
      expect(DBClusterSnapshots).toMatchObject([{ Status, PercentProgress: 0 }]);
      await expect(fromSnapshot({ DBClusterIdentifier: 'never', SnapshotIdentifier: 'broken' })).rejects.toMatchObject({
        name: 'InvalidDBClusterSnapshotStateFault',
      });
      await clock.sleep(2_000);
    }
    await sdk.send(new DeleteDBClusterSnapshotCommand(taken));
  });

  test.each([
    ['DBClusterAlreadyExistsFault', { DBClusterIdentifier: 'Orders' }, 400],
    ['DBClusterSnapshotNotFoundFault', { SnapshotIdentifier: 'none' }, 404],
    ['DBSubnetGroupNotFoundFault', { DBSubnetGroupName: 'none' }, 404],
    ['DBClusterParameterGroupNotFoundFault', { DBClusterParameterGroupName: 'none' }, 404],
    ['InvalidParameterCombination', { Engine: 'aurora-mysql' }, 400],
    ['InvalidParameterValue', { ServerlessV2ScalingConfiguration: { MinCapacity: 3, MaxCapacity: 2 } }, 400],
    ['InvalidParameterValue', { StorageType: 'gp3' }, 400],
    ['UnsupportedOperation', { EngineVersion: '18.1' }, 400],
    ['UnsupportedOperation', { Domain: 'd-1' }, 400],
  ])('is refused with %s for %o', async (name, input, httpStatusCode) => {
    await expect(fromSnapshot({ DBClusterIdentifier: 'never', ...input })).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode },
    });
    await expect(cluster('never')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  });
});

describe('a cluster restored to a point in time', () => {
  test('is, as a clone, the cluster as it stands', async () => {
    await toPointInTime({ DBClusterIdentifier: 'clone', RestoreType: 'copy-on-write', UseLatestRestorableTime: true });
    await sql('orders', 'INSERT INTO sold VALUES (3)');
    await minute();
    await addInstance('clone');
    await enable('clone');
    await minute();
    expect(await sql('clone', 'SELECT n FROM sold ORDER BY n')).toEqual([1, 2]);
    const { CloneGroupId } = await cluster('clone');
    expect(CloneGroupId).toBe((await cluster('orders')).CloneGroupId);
    await remove('clone');
    await expect(cluster('clone')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  });

  test('has the rows that were there at that time, and none of those after it', async () => {
    const { LatestRestorableTime, EarliestRestorableTime } = await cluster('orders');
    await sql('orders', 'INSERT INTO sold VALUES (4)');
    await toPointInTime({ RestoreToTime: LatestRestorableTime });
    await minute();
    await addInstance('then');
    await enable('then');
    await minute();
    expect(await sql('then', 'SELECT n FROM sold ORDER BY n')).toEqual([1, 2, 3]);
    await sql('then', 'INSERT INTO sold VALUES (5)');

    const early = new Date(EarliestRestorableTime!.getTime() - 1_000);
    await expect(toPointInTime({ DBClusterIdentifier: 'never', RestoreToTime: early })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('can itself be restored to a point in time', async () => {
    const { LatestRestorableTime } = await cluster('then');
    await sql('then', 'INSERT INTO sold VALUES (6)');
    await toPointInTime({
      ...{ DBClusterIdentifier: 'again', SourceDBClusterIdentifier: 'then', RestoreToTime: LatestRestorableTime },
    });
    await minute();
    await addInstance('again');
    await enable('again');
    await minute();
    expect(await sql('again', 'SELECT n FROM sold ORDER BY n')).toEqual([1, 2, 3, 5]);
    await remove('again');
    await remove('then');
  });

  test.each([
    ['InvalidParameterCombination', {}],
    ['InvalidParameterCombination', { RestoreToTime: new Date(), UseLatestRestorableTime: true }],
    ['InvalidParameterCombination', { RestoreToTime: new Date(), RestoreType: 'copy-on-write' }],
    ['InvalidParameterValue', { UseLatestRestorableTime: true, RestoreType: 'half' }],
    ['DBClusterNotFoundFault', { UseLatestRestorableTime: true, SourceDBClusterIdentifier: 'none' }],
    ['UnsupportedOperation', { UseLatestRestorableTime: true, SourceDbClusterResourceId: 'cluster-1' }],
  ])('is refused with %s for %o', async (name, input) => {
    await expect(toPointInTime({ DBClusterIdentifier: 'never', ...input })).rejects.toMatchObject({ name });
  });
});

describe('a renaming', () => {
  test('waits for a maintenance window, which there is none, or is done at once', async () => {
    await expect(modify('restored', { NewDBClusterIdentifier: 'new' })).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
    await expect(rename('restored', 'orders')).rejects.toMatchObject({ name: 'DBClusterAlreadyExistsFault' });
    const { DbClusterResourceId } = await cluster('orders');
    const { DBCluster } = await rename('orders', 'orders-old');
    expect(DBCluster).toMatchObject({
      ...{ DBClusterIdentifier: 'orders', Status: 'renaming' },
      PendingModifiedValues: { DBClusterIdentifier: 'orders-old' },
    });
    await minute();
    expect(await cluster('orders-old')).toMatchObject({
      ...{ DBClusterArn: arn('orders-old'), DbClusterResourceId, Status: 'available', HttpEndpointEnabled: true },
    });
    expect(await instance('orders-writer')).toMatchObject({ DBClusterIdentifier: 'orders-old' });
    await expect(cluster('orders')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  });

  test('leaves the Data API behind until it is disabled and enabled again', async () => {
    for (const before of [async () => {}, () => enable('orders-old')]) {
      await before();
      await expect(sql('orders-old', 'SELECT 1')).rejects.toMatchObject({ name: 'HttpEndpointNotEnabledException' });
    }
    await sdk.send(new DisableHttpEndpointCommand({ ResourceArn: arn('orders-old') }));
    await enable('orders-old');
    expect(await sql('orders-old', 'SELECT count(*) FROM sold')).toEqual([4]);
  });

  test('gives a restored cluster the name of the old one', async () => {
    await rename('restored', 'orders');
    await minute();
    await sdk.send(new DisableHttpEndpointCommand({ ResourceArn: arn('orders') }));
    await enable('orders');
    expect(await sql('orders', 'SELECT count(*) FROM sold')).toEqual([1]);
  });
});

describe('an instance', () => {
  test('is found by its cluster and page', async () => {
    const found = await sdk.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [arn('orders')] }], MaxRecords: 20 }),
    );
    expect(found.DBInstances?.map((it) => it.DBInstanceIdentifier)).toEqual(['restored-one']);
    await expect(instance('none')).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
    const tags = new ListTagsForResourceCommand({ ResourceName: 'arn:aws:rds:eu-central-1:123456789012:db:none' });
    await expect(sdk.send(tags)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  });

  test('of a class that has no Data API can be had, through a modification, too', async () => {
    const to = { DBInstanceIdentifier: 'restored-one', DBInstanceClass: 'db.t4g.medium', ApplyImmediately: true };
    await sdk.send(new ModifyDBInstanceCommand(to));
    expect(await instance('restored-one')).toMatchObject({ DBInstanceClass: 'db.t4g.medium' });
  });

  test.each([
    ['DBInstanceAlreadyExistsFault', { DBInstanceIdentifier: 'restored-one' }],
    ['InvalidParameterValue', { DBInstanceClass: 'db.m5.large' }],
    ['InvalidParameterCombination', { Engine: 'aurora-mysql' }],
    ['InvalidParameterCombination', { EngineVersion: '16.4' }],
    ['DBClusterNotFoundFault', { DBClusterIdentifier: 'none' }],
    ['UnsupportedOperation', { MultiAZ: true }],
  ])('is refused with %s for %o', async (name, input) => {
    await expect(addInstance('orders', input)).rejects.toMatchObject({ name });
  });

  test('that goes takes the cluster from its callers', async () => {
    await sdk.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'restored-one' }));
    expect((await instance('restored-one')).DBInstanceStatus).toBe('deleting');
    await expect(sql('orders', 'SELECT 1')).rejects.toMatchObject({ name: 'DatabaseNotFoundException' });
    await minute();
    await expect(instance('restored-one')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    expect((await cluster('orders')).Status).toBe('available');
  });
});

describe('a cluster that is deleted', () => {
  test('has to have lost its instances, and says whether a last snapshot is wanted', async () => {
    const drop = (of: string, input: object) =>
      sdk.send(new DeleteDBClusterCommand({ DBClusterIdentifier: of, ...input }));
    await expect(drop('orders', {})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(drop('orders-old', { SkipFinalSnapshot: true })).rejects.toMatchObject({
      name: 'InvalidDBClusterStateFault',
    });
    const { DBCluster } = await drop('orders', { FinalDBSnapshotIdentifier: 'last' });
    expect(DBCluster).toMatchObject({ Status: 'deleting' });
    await expect(sql('orders', 'SELECT 1')).rejects.toMatchObject({ name: 'DatabaseNotFoundException' });
    await minute();
    await expect(cluster('orders')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    await expect(sql('orders', 'SELECT 1')).rejects.toMatchObject({ name: 'HttpEndpointNotEnabledException' });
    const last = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'last' });
    expect((await sdk.send(last)).DBClusterSnapshots).toMatchObject([{ DBClusterIdentifier: 'orders' }]);
  });
});

test('a stopped cluster has no server, and takes no snapshot, until it is started', async () => {
  const input = { DBClusterIdentifier: 'orders-old' };
  await sdk.send(new StopDBClusterCommand(input));
  expect((await cluster('orders-old')).Status).toBe('stopped');
  expect((await instance('orders-writer')).DBInstanceStatus).toBe('stopped');
  await expect(sql('orders-old', 'SELECT 1')).rejects.toMatchObject({ name: 'DatabaseUnavailableException' });
  const never = { DBClusterSnapshotIdentifier: 'never', ...input };
  await expect(sdk.send(new CreateDBClusterSnapshotCommand(never))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
  await sdk.send(new StartDBClusterCommand(input));
  expect(await sql('orders-old', 'SELECT 1')).toEqual([1]);
  await expect(sdk.send(new StartDBClusterCommand(input))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
});

test('clusters take up again what they were when the process ended', async () => {
  await control.stop();
  control = open();
  await control.resume();
  expect(await sql('orders-old', 'SELECT count(*) FROM sold')).toEqual([4]);

  // On virtual time nothing but its own telling leads from an instant to a place in PostgreSQL's log.
  const input = { DBClusterIdentifier: 'never', SourceDBClusterIdentifier: 'orders-old', RestoreToTime: clock.now() };
  await expect(toPointInTime(input)).rejects.toMatchObject({ name: 'InvalidRestoreFault' });
  const RestoreToTime = (await cluster('orders-old')).LatestRestorableTime!;
  await toPointInTime({ ...input, DBClusterIdentifier: 'after', RestoreToTime });
  await minute();
  await remove('after');
});

test('the quotas of the account are told and kept', async () => {
  const used = async () =>
    Object.fromEntries(
      (await sdk.send(new DescribeAccountAttributesCommand({}))).AccountQuotas!.map((it) => [
        it.AccountQuotaName,
        [it.Used, it.Max],
      ]),
    );
  expect(await used()).toEqual({ DBClusters: [1, 6], DBInstances: [1, 5], ManualClusterSnapshots: [2, 4] });
  for (let n = 2; n <= 6; n += 1) await fromSnapshot({ DBClusterIdentifier: `full-${n}` });
  await expect(fromSnapshot({ DBClusterIdentifier: 'full-7' })).rejects.toMatchObject({
    name: 'DBClusterQuotaExceededFault',
    $metadata: { httpStatusCode: 403 },
  });
  await minute();
  for (let n = 2; n <= 5; n += 1)
    await addInstance('orders-old', { DBInstanceIdentifier: `reader-${n}`, PromotionTier: 15 });
  await expect(addInstance('full-6')).rejects.toMatchObject({ name: 'InstanceQuotaExceededFault' });
  expect(await used()).toMatchObject({ DBClusters: [6, 6], DBInstances: [5, 5] });
});

test('a cluster can be made to look unfit', async () => {
  await control.createCluster({
    ...{ identifier: 'unfit', databases: [], secretArn, instanceClass: 'db.t4g.medium', managesSecret: true },
    poses: { engineVersion: '12.9' },
  });
  expect(await cluster('unfit')).toMatchObject({
    ...{ EngineVersion: '12.9', HttpEndpointEnabled: false },
    MasterUserSecret: { SecretArn: secretArn, SecretStatus: 'active' },
  });
  expect(await instance('unfit-writer')).toMatchObject({ DBInstanceClass: 'db.t4g.medium', EngineVersion: '12.9' });
});
