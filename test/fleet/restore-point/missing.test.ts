import {
  DBClusterNotFoundFault,
  DBClusterSnapshotNotFoundFault,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
} from '@aws-sdk/client-rds';
import { expect, it } from 'vitest';
import { missing } from '../../../lib/fleet/restore-point/missing.ts';
import { api, client, fault } from './rds.ts';

const of = { cluster: 'orders', resourceId: 'cluster-1', at: '2026-11-20T06:00:00.000Z' };

it('finds a snapshot that is there, and says what became of one that is not', async () => {
  const look = () => missing(client, { kind: 'snapshot', ...of, snapshot: 'lockstep-orders-1' });
  api.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [{ Status: 'available' }] });
  expect(await look()).toBeNull();
  api.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [{ Status: 'deleting' }] });
  expect(await look()).toBe('the snapshot is deleting');
  api.on(DescribeDBClusterSnapshotsCommand).rejects(new DBClusterSnapshotNotFoundFault(fault));
  expect(await look()).toBe('the snapshot was deleted');
});

it('finds a clone that is there', async () => {
  const look = () => missing(client, { kind: 'clone', ...of, clone: 'lockstep-orders-1' });
  api.on(DescribeDBClustersCommand).resolves({ DBClusters: [{ Status: 'available' }] });
  expect(await look()).toBeNull();
  api.on(DescribeDBClustersCommand).rejects(new DBClusterNotFoundFault(fault));
  expect(await look()).toBe('the clone was deleted');
});

it('looks for a moment in the backups of the very cluster, whatever it is called now', async () => {
  const look = () => missing(client, { kind: 'pointInTime', ...of });
  const called = api.on(DescribeDBClustersCommand, {
    Filters: [{ Name: 'db-cluster-resource-id', Values: ['cluster-1'] }],
  });
  called.resolves({ DBClusters: [{ EarliestRestorableTime: new Date('2026-11-20T06:00:00.000Z') }] });
  expect(await look()).toBeNull();
  called.resolves({ DBClusters: [{ EarliestRestorableTime: new Date('2026-11-20T06:00:01.000Z') }] });
  expect(await look()).toBe('the continuous backups begin at 2026-11-20T06:00:01.000Z by now');
  called.resolves({ DBClusters: [{}] });
  expect(await look()).toBe('the continuous backups begin at no moment by now');
  called.resolves({ DBClusters: [] });
  expect(await look()).toBe('the cluster is gone, and its continuous backups with it');
});
