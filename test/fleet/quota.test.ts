import {
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
} from '@aws-sdk/client-rds';
import { expect, it } from 'vitest';
import { checkQuota } from '../../lib/fleet/quota.ts';
import { api, client, days, now, tags } from './restore-point/rds.ts';

const clusters = Array.from({ length: 45 }, (_, at) => `c${at + 1}`);
const check = (kind: 'snapshot' | 'pointInTime' | 'clone', of = clusters) =>
  checkQuota(client, { service: 'shop', environment: 'production', kind, clusters: of, now });

const quotas = (...all: [name: string, used: number, max: number][]) =>
  api.on(DescribeAccountAttributesCommand).resolves({
    AccountQuotas: all.map(([AccountQuotaName, Used, Max]) => ({ AccountQuotaName, Used, Max })),
  });

/** An own snapshot of a cluster, from so many days ago, kept for thirty. */
const snapshot = (cluster: string, age: number) => ({
  ...{ DBClusterSnapshotIdentifier: `${cluster}-${age}`, DBClusterIdentifier: cluster, Status: 'available' },
  ...{ SnapshotCreateTime: days(-age), TagList: tags(30 - age, { 'lockstep:cluster': cluster }) },
});

it('lets through what there is room for, with one call', async () => {
  quotas(['ManualClusterSnapshots', 55, 100], ['DBClusters', 40, 40]);
  await check('snapshot');
  expect(api.calls()).toHaveLength(1);
});

it('asks nothing where nothing is taken, or nothing counts', async () => {
  await check('snapshot', []);
  await check('pointInTime');
  expect(api.calls()).toHaveLength(0);
});

it('refuses what there is no room for, and says what would fit', async () => {
  quotas(['ManualClusterSnapshots', 70, 100]);
  api.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] });
  await expect(check('snapshot')).rejects.toMatchObject({
    name: 'QuotaShort',
    details: { kind: 'snapshot', needed: 45, left: 30, used: 70, most: 100 },
    message:
      '45 snapshots are needed, one for each cluster in which something is pending, and 30 are left (70 of 100 are used in this account and region); nothing was touched. What fits: restorePoint: RestorePoint.pointInTime(), which needs none; or the quota "Manual DB cluster snapshots" of Amazon RDS raised to 115; or deleting 15 that nobody needs; or a fleet of 30 of these clusters at a time.',
  });
});

it('says so where nothing at all is left, or more is used than is allowed', async () => {
  quotas(['ManualClusterSnapshots', 101, 100]);
  api.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] });
  await expect(check('snapshot', ['c1'])).rejects.toMatchObject({
    details: { needed: 1, left: 0 },
    message: expect.stringContaining('or no cluster at all at a time'),
  });
});

it('needs no room for clusters whose old snapshots go first', async () => {
  quotas(['ManualClusterSnapshots', 98, 100]);
  const older = (cluster: string) => [snapshot(cluster, 31), snapshot(cluster, 32)];
  api
    .on(DescribeDBClusterSnapshotsCommand)
    .resolves({ DBClusterSnapshots: [...older('c1'), ...older('c2'), snapshot('c3', 31), snapshot('c4', 3)] });
  await check('snapshot', ['c1', 'c2', 'c3', 'c4']);
  await expect(check('snapshot', ['c1', 'c2', 'c3', 'c4', 'c5'])).rejects.toMatchObject({
    details: { needed: 3, left: 2 },
  });
});

it('counts clones as the clusters that they are', async () => {
  quotas(['ManualClusterSnapshots', 0, 100], ['DBClusters', 39, 40]);
  api
    .on(DescribeDBClustersCommand)
    .resolves({ DBClusters: [{ DBClusterIdentifier: 'c1', CloneGroupId: 'g', Status: 'available' }] });
  await check('clone', ['c1']);
  await expect(check('clone', ['c1', 'c2'])).rejects.toMatchObject({
    details: { kind: 'clone', needed: 2, left: 1 },
    message: expect.stringContaining('the quota "DB clusters" of Amazon RDS raised to 41'),
  });
});

it('takes a quota that RDS does not name for none', async () => {
  quotas();
  await check('snapshot');
});
