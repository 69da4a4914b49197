import { DBClusterNotFoundFault, DescribeDBClustersCommand } from '@aws-sdk/client-rds';
import { expect, it } from 'vitest';
import { pointInTime } from '../../../lib/fleet/restore-point/point-in-time.ts';
import { api, client, days, fault, now } from './rds.ts';

const find = () => pointInTime(client, { cluster: 'orders', now });

const cluster = (more: object = {}) =>
  api.on(DescribeDBClustersCommand).resolves({
    DBClusters: [
      {
        ...{ DBClusterIdentifier: 'orders', DbClusterResourceId: 'cluster-1', BackupRetentionPeriod: 7 },
        ...{ EarliestRestorableTime: days(-7), ...more },
      },
    ],
  });

it('names a whole second before now, at once', async () => {
  cluster();
  expect(await find()).toEqual({
    percent: 100,
    point: { kind: 'pointInTime', cluster: 'orders', resourceId: 'cluster-1', at: '2026-11-21T05:59:59.000Z' },
  });
});

it.each([
  ['backups are off', { BackupRetentionPeriod: 0 }, 'automated backups are off. Set a backup retention period'],
  ['there is no backup yet', { EarliestRestorableTime: undefined }, 'there is no backup yet'],
  ['backups begin later', { EarliestRestorableTime: now }, 'begins at 2026-11-21T06:00:00.400Z'],
])('refuses where %s', async (_, more, reason) => {
  cluster(more);
  await expect(find()).rejects.toMatchObject({
    name: 'RestorePointFailed',
    message: expect.stringContaining(reason),
  });
});

it('refuses where there is no such cluster', async () => {
  api.on(DescribeDBClustersCommand).rejects(new DBClusterNotFoundFault(fault));
  await expect(find()).rejects.toMatchObject({ name: 'RestorePointFailed' });
});
