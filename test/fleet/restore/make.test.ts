import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  DBClusterAlreadyExistsFault,
  DBClusterNotFoundFault,
  DBInstanceAlreadyExistsFault,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { expect, it } from 'vitest';
import { make } from '../../../lib/fleet/restore/make.ts';
import { instanceName } from '../../../lib/fleet/restore/names.ts';
import { api, client, fault } from '../restore-point/rds.ts';
import { described, execution, item, owner, points, shape } from './samples.ts';

const step = (of = item()) => make(client, of, owner);
const inputs = (command: Parameters<typeof api.commandCalls>[0]) =>
  api.commandCalls(command).map(({ args: [{ input }] }) => input);

const none = () => api.on(DescribeDBClustersCommand).rejects(new DBClusterNotFoundFault(fault));
const ours = [{ Key: 'lockstep:restore-of', Value: execution }];
const standing = (more: DBCluster = {}, of = item()) =>
  api.on(DescribeDBClustersCommand, { DBClusterIdentifier: of.restored }).resolves({
    DBClusters: [
      described(of.shape, {
        ...{ DBClusterIdentifier: of.restored, DBClusterArn: 'arn:new', DbClusterResourceId: 'cluster-NEW' },
        TagList: ours,
        ...more,
      }),
    ],
  });
const instances = (...all: [number: number, status: string][]) =>
  api.on(DescribeDBInstancesCommand).resolves({
    DBInstances: all.map(([number, DBInstanceStatus]) => ({
      ...{ DBInstanceIdentifier: instanceName('orders', execution, number), DBInstanceStatus },
    })),
  });

const settings = {
  ...{ Port: 5432, DBSubnetGroupName: 'subnets', VpcSecurityGroupIds: ['sg-1', 'sg-2'], KmsKeyId: 'key-1' },
  ...{ DBClusterParameterGroupName: 'parameters', EnableIAMDatabaseAuthentication: true, NetworkType: 'IPV4' },
  ...{ EnableCloudwatchLogsExports: ['postgresql'], DeletionProtection: true, CopyTagsToSnapshot: true },
  ...{ StorageType: 'aurora-iopt1', ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 } },
};
const Tags = [
  { Key: 'team', Value: 'blue' },
  { Key: 'lockstep:service', Value: 'shop' },
  { Key: 'lockstep:environment', Value: 'production' },
  { Key: 'lockstep:cluster', Value: 'orders' },
  { Key: 'lockstep:restore-of', Value: execution },
];

it('begins with a cluster out of the snapshot, with all that the old one has', async () => {
  none();
  api.on(RestoreDBClusterFromSnapshotCommand).resolves({});
  expect(await step()).toMatchObject({ done: false, seconds: 30, found: null });
  expect(inputs(RestoreDBClusterFromSnapshotCommand)).toEqual([
    {
      ...{ DBClusterIdentifier: item().restored, SnapshotIdentifier: 'lockstep-orders-1', ...settings, Tags },
      ...{ Engine: 'aurora-postgresql', EngineVersion: '17.9' },
    },
  ]);
});

it('begins with a cluster as of the moment, out of the backups of the very cluster, whatever it is called now', async () => {
  none();
  const filter = { Filters: [{ Name: 'db-cluster-resource-id', Values: ['cluster-OLD'] }] };
  api.on(DescribeDBClustersCommand, filter).resolves({ DBClusters: [{ DBClusterIdentifier: 'orders-before-1' }] });
  api.on(RestoreDBClusterToPointInTimeCommand).resolves({});
  await step(item({ point: points.pointInTime }));
  expect(inputs(RestoreDBClusterToPointInTimeCommand)).toEqual([
    {
      ...{ DBClusterIdentifier: item().restored, SourceDBClusterIdentifier: 'orders-before-1', ...settings, Tags },
      RestoreToTime: new Date('2026-11-21T06:00:00.000Z'),
    },
  ]);
  api.on(DescribeDBClustersCommand, filter).resolves({ DBClusters: [] });
  await expect(step(item({ point: points.pointInTime }))).rejects.toMatchObject({ name: 'RestoreFailed' });
});

it('waits for what was made by a call whose answer was lost, and for nothing else', async () => {
  none();
  api.on(RestoreDBClusterFromSnapshotCommand).rejects(new DBClusterAlreadyExistsFault(fault));
  expect(await step()).toMatchObject({ done: false });
  standing({ Status: 'creating' });
  expect(await step()).toMatchObject({ done: false, seconds: 30, note: expect.stringContaining('is creating') });
  standing({ Status: 'inaccessible-encryption-credentials' });
  await expect(step()).rejects.toMatchObject({ name: 'RestoreFailed' });
});

it.each([
  ["somebody else's", []],
  ["another run's", [{ Key: 'lockstep:restore-of', Value: 'run-2' }]],
])('leaves alone what bears the name and is %s', async (_, TagList) => {
  standing({ TagList });
  await expect(step()).rejects.toMatchObject({
    name: 'RestoreFailed',
    message: expect.stringContaining("was not made of this run's restore point. It is left alone"),
  });
});

it('gives it the writer first, and the readers once that is there', async () => {
  standing({ HttpEndpointEnabled: false });
  api.on(CreateDBInstanceCommand).resolves({});
  instances();
  expect(await step()).toMatchObject({ done: false, note: expect.stringMatching(/^0 of 2 instances/) });
  instances([1, 'creating']);
  await step();
  expect(inputs(CreateDBInstanceCommand)).toMatchObject([
    { DBInstanceIdentifier: instanceName('orders', execution, 1), DBInstanceClass: 'db.serverless', PromotionTier: 0 },
  ]);
  instances([1, 'available']);
  expect(await step()).toMatchObject({ note: expect.stringMatching(/^1 of 2 instances/) });
  expect(inputs(CreateDBInstanceCommand).at(-1)).toEqual({
    DBInstanceIdentifier: instanceName('orders', execution, 2),
    DBClusterIdentifier: item().restored,
    Engine: 'aurora-postgresql',
    DBInstanceClass: 'db.r8g.large',
    DBParameterGroupName: 'instance-parameters',
    PromotionTier: 2,
    PubliclyAccessible: false,
    AutoMinorVersionUpgrade: true,
    EnablePerformanceInsights: true,
    Tags: [
      { Key: 'lockstep:service', Value: 'shop' },
      { Key: 'lockstep:environment', Value: 'production' },
    ],
  });
});

it('takes an instance that was made by a call whose answer was lost, and gives up on one that can not be', async () => {
  standing();
  instances();
  api.on(CreateDBInstanceCommand).rejects(new DBInstanceAlreadyExistsFault(fault));
  expect(await step()).toMatchObject({ done: false });
  instances([1, 'available'], [2, 'incompatible-parameters']);
  await expect(step()).rejects.toMatchObject({
    name: 'RestoreFailed',
    message: expect.stringContaining('incompatible-parameters'),
  });
});

it('enables the Data API when all instances are there, and is done when it is', async () => {
  instances([1, 'available'], [2, 'available']);
  standing({ HttpEndpointEnabled: false });
  api.on(EnableHttpEndpointCommand).resolves({});
  expect(await step()).toMatchObject({ done: false, seconds: 5 });
  expect(inputs(EnableHttpEndpointCommand)).toEqual([{ ResourceArn: 'arn:new' }]);
  standing();
  expect(await step()).toMatchObject({ done: true, found: { DbClusterResourceId: 'cluster-NEW' } });
});

it('brings the settings about that a restore did not', async () => {
  standing({ BackupRetentionPeriod: 1, DeletionProtection: false, DBClusterParameterGroup: 'default' });
  api.on(ModifyDBClusterCommand).resolves({});
  expect(await step()).toMatchObject({ done: false });
  expect(inputs(ModifyDBClusterCommand)).toEqual([
    {
      ...{ DBClusterIdentifier: item().restored, ApplyImmediately: true, BackupRetentionPeriod: 7 },
      ...{ DeletionProtection: true, DBClusterParameterGroupName: 'parameters' },
    },
  ]);
});

it('takes a clone out of the restore points before it becomes a cluster, so that it is not cleared away', async () => {
  const clone = item({ point: points.clone });
  const run = { Key: 'lockstep:run', Value: execution };
  standing({ TagList: [run, { Key: 'lockstep:keep-until', Value: '2026-11-28T06:00:00Z' }] }, clone);
  api.on(AddTagsToResourceCommand).resolves({}).on(RemoveTagsFromResourceCommand).resolves({});
  expect(await step(clone)).toMatchObject({ done: false, seconds: 1 });
  expect(inputs(AddTagsToResourceCommand)).toEqual([{ ResourceName: 'arn:new', Tags }]);
  expect(inputs(RemoveTagsFromResourceCommand)).toEqual([
    { ResourceName: 'arn:new', TagKeys: ['lockstep:keep-until'] },
  ]);
  standing({ TagList: [run, ...ours] }, clone);
  instances([1, 'available'], [2, 'available']);
  expect(await step(clone)).toMatchObject({ done: true });
});

it('says so where the clone is gone', async () => {
  none();
  await expect(step(item({ point: points.clone }))).rejects.toMatchObject({
    name: 'RestoreFailed',
    message: 'orders: the clone lockstep-orders-1 is gone',
  });
});

it('asks for nothing that the old cluster does not have', async () => {
  none();
  api.on(RestoreDBClusterFromSnapshotCommand).resolves({});
  const bare = shape({
    ...{ port: null, subnetGroup: null, securityGroups: [], parameterGroup: null, kmsKey: null, logExports: [] },
    ...{ storageType: null, networkType: null, scaling: null, tags: [] },
  });
  await step(item({ shape: bare }));
  expect(Object.keys(inputs(RestoreDBClusterFromSnapshotCommand)[0]!).sort()).toEqual([
    ...['CopyTagsToSnapshot', 'DBClusterIdentifier', 'DeletionProtection', 'EnableIAMDatabaseAuthentication'],
    ...['Engine', 'EngineVersion', 'SnapshotIdentifier', 'Tags'],
  ]);
});
