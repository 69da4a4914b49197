import {
  DBClusterAlreadyExistsFault,
  DBClusterNotFoundFault,
  DBClusterQuotaExceededFault,
  DeleteDBClusterCommand,
  DescribeDBClustersCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, expect, it } from 'vitest';
import { ensureClone } from '../../../lib/fleet/restore-point/clone.ts';
import { restorePointIdentifier } from '../../../lib/fleet/restore-point/own.ts';
import { api, client, days, fault, log, order, tags } from './rds.ts';

const name = restorePointIdentifier('orders', 'run-1');
const ensure = () => ensureClone(client, order({ keepFor: 7 * 86_400 }), log());
const made = () => api.commandCalls(RestoreDBClusterToPointInTimeCommand).map(({ args: [{ input }] }) => input);
const deleted = () => api.commandCalls(DeleteDBClusterCommand).map(({ args: [{ input }] }) => input);

const source = {
  ...{ DBClusterIdentifier: 'orders', DbClusterResourceId: 'cluster-1', CloneGroupId: 'group-1', Status: 'available' },
  ...{ DBSubnetGroup: 'subnets', DBClusterParameterGroup: 'parameters' },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1', Status: 'active' }, { VpcSecurityGroupId: 'sg-2' }],
};

/** What shares pages with the cluster; each has its own resource id. */
const group = (...clones: object[]) =>
  api
    .on(DescribeDBClustersCommand, { Filters: [{ Name: 'clone-group-id', Values: ['group-1'] }] })
    .resolves({ DBClusters: [source, ...clones.map((it, at) => ({ DbClusterResourceId: `clone-${at}`, ...it }))] });

const standing = (more: object) =>
  api.on(DescribeDBClustersCommand, { DBClusterIdentifier: name }).resolves({
    DBClusters: [
      {
        ...{ DBClusterIdentifier: name, CloneGroupId: 'group-1', ClusterCreateTime: days(0) },
        ...{ TagList: [{ Key: 'lockstep:run', Value: 'run-1' }], ...more },
      },
    ],
  });

beforeEach(() => {
  api
    .on(DescribeDBClustersCommand, { DBClusterIdentifier: name })
    .rejects(new DBClusterNotFoundFault(fault))
    .on(DescribeDBClustersCommand, { DBClusterIdentifier: 'orders' })
    .resolves({ DBClusters: [source] });
  group();
});

it('clones the cluster copy-on-write, into its own network and without protection, where there is no clone', async () => {
  api.on(RestoreDBClusterToPointInTimeCommand).resolves({});
  expect(await ensure()).toEqual({ percent: 0, point: null });
  expect(made()).toEqual([
    {
      DBClusterIdentifier: name,
      SourceDBClusterIdentifier: 'orders',
      RestoreType: 'copy-on-write',
      UseLatestRestorableTime: true,
      DBSubnetGroupName: 'subnets',
      VpcSecurityGroupIds: ['sg-1', 'sg-2'],
      DBClusterParameterGroupName: 'parameters',
      DeletionProtection: false,
      Tags: [
        { Key: 'lockstep:service', Value: 'shop' },
        { Key: 'lockstep:environment', Value: 'production' },
        { Key: 'lockstep:cluster', Value: 'orders' },
        { Key: 'lockstep:run', Value: 'run-1' },
        { Key: 'lockstep:keep-until', Value: '2026-11-28T06:00:00.400Z' },
      ],
    },
  ]);
});

it('waits for its own one until it is available, and adopts it', async () => {
  for (const Status of ['creating', 'cloning', 'backing-up']) {
    standing({ Status });
    expect(await ensure()).toEqual({ percent: 0, point: null });
  }
  standing({ Status: 'available' });
  const point = { kind: 'clone', cluster: 'orders', resourceId: 'cluster-1', clone: name };
  expect(await ensure()).toEqual({ percent: 100, point: { ...point, at: '2026-11-21T06:00:00.400Z' } });
  expect(made()).toEqual([]);
});

it.each([
  ["another run's", { TagList: [{ Key: 'lockstep:run', Value: 'run-2' }] }, 'was not made by this run (run-2)'],
  ["nobody's", { TagList: [] }, 'was not made by this run (no tag)'],
  ['of another cluster', { CloneGroupId: 'group-2' }, 'was not made by this run'],
  ['deleted just now', { Status: 'deleting' }, 'is deleting'],
  ['without its key', { Status: 'inaccessible-encryption-credentials' }, 'is inaccessible-encryption-credentials'],
])('does not rely on a clone that is %s', async (_, more, reason) => {
  standing({ Status: 'available', ...more });
  await expect(ensure()).rejects.toMatchObject({
    name: 'RestorePointFailed',
    message: expect.stringContaining(`clone ${name} ${reason}`),
  });
});

it('says so where there is no cluster to clone', async () => {
  api.on(DescribeDBClustersCommand, { DBClusterIdentifier: 'orders' }).rejects(new DBClusterNotFoundFault(fault));
  await expect(ensure()).rejects.toMatchObject({ name: 'RestorePointFailed' });
});

it('waits for a clone that was made between the two calls, and judges it next time', async () => {
  api.on(RestoreDBClusterToPointInTimeCommand).rejects(new DBClusterAlreadyExistsFault(fault));
  expect(await ensure()).toEqual({ percent: 0, point: null });
});

it('makes no sixteenth clone, which would be a full copy', async () => {
  group(...Array.from({ length: 15 }, () => ({ Status: 'available', TagList: [] })));
  await expect(ensure()).rejects.toMatchObject({
    name: 'RestorePointFailed',
    message: expect.stringContaining('has 15 clones, and a further one would be a full copy'),
  });
  expect(made()).toEqual([]);
});

it('makes room by deleting its own whose time is over, without a last snapshot of them', async () => {
  const clone = (id: string, age: number, TagList: object[]) => ({
    ...{ DBClusterIdentifier: id, Status: 'available', ClusterCreateTime: days(-age), TagList },
  });
  const others = Array.from({ length: 12 }, (_, at) => clone(`by-hand-${at}`, 90, []));
  const ours = [clone('newest', 8, tags(-1)), clone('older', 9, tags(-2)), clone('oldest', 10, tags(-3))];
  const filter = { Filters: [{ Name: 'clone-group-id', Values: ['group-1'] }] };
  const listed = (all: object[]) => ({
    DBClusters: [source, ...all.map((it, at) => ({ DbClusterResourceId: `clone-${at}`, ...it }))],
  });
  api
    .on(DescribeDBClustersCommand, filter)
    .resolvesOnce(listed([...others, ...ours]))
    .resolves(listed([...others, ours[0]!, ...ours.slice(1).map((it) => ({ ...it, Status: 'deleting' }))]));
  api.on(DeleteDBClusterCommand).resolves({}).on(RestoreDBClusterToPointInTimeCommand).resolves({});
  await ensure();
  expect(deleted()).toEqual([
    { DBClusterIdentifier: 'older', SkipFinalSnapshot: true },
    { DBClusterIdentifier: 'oldest', SkipFinalSnapshot: true },
  ]);
  expect(made()).toHaveLength(1);
});

it('waits where the quota is full only until what it has deleted is gone', async () => {
  api.on(RestoreDBClusterToPointInTimeCommand).rejects(new DBClusterQuotaExceededFault(fault));
  await expect(ensure()).rejects.toMatchObject({ name: 'DBClusterQuotaExceededFault' });
  group({ Status: 'deleting' });
  expect(await ensure()).toEqual({ percent: 0, point: null });
});
