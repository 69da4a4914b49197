import {
  CreateDBClusterSnapshotCommand,
  DBClusterNotFoundFault,
  DBClusterSnapshotAlreadyExistsFault,
  DBClusterSnapshotNotFoundFault,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  type DescribeDBClusterSnapshotsCommandInput,
  InvalidDBClusterStateFault,
  SnapshotQuotaExceededFault,
} from '@aws-sdk/client-rds';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { ClusterIdentifier } from '../../../lib/fleet/fleet.ts';
import { restorePointIdentifier } from '../../../lib/fleet/restore-point/own.ts';
import { ensureSnapshot } from '../../../lib/fleet/restore-point/snapshot.ts';
import { api, client, days, fault, log, order, tags } from './rds.ts';

const name = restorePointIdentifier('orders', 'run-1');
const ensure = (it = order(), warned = log()) => ensureSnapshot(client, it, warned);
const created = () => api.commandCalls(CreateDBClusterSnapshotCommand).map(({ args: [{ input }] }) => input);
const deleted = () =>
  api.commandCalls(DeleteDBClusterSnapshotCommand).map(({ args: [{ input }] }) => input.DBClusterSnapshotIdentifier);

/** What stands of the cluster, of which the run's own is asked for by name. */
const list = (...snapshots: object[]) =>
  api.on(DescribeDBClusterSnapshotsCommand, { DBClusterIdentifier: 'orders', SnapshotType: 'manual' }).resolves({
    DBClusterSnapshots: snapshots,
  });

const standing = (more: { Status?: string; PercentProgress?: number; owner?: string | null; cluster?: string }) => {
  const { owner = 'run-1', cluster = 'orders', ...snapshot } = more;
  const TagList = owner === null ? [] : [{ Key: 'lockstep:run', Value: owner }];
  const taken = { DbClusterResourceId: 'cluster-1', SnapshotCreateTime: days(0) };
  api.on(DescribeDBClusterSnapshotsCommand, { DBClusterSnapshotIdentifier: name }).resolves({
    DBClusterSnapshots: [{ DBClusterIdentifier: cluster, TagList, ...taken, ...snapshot }],
  });
};

beforeEach(() => {
  api
    .on(DescribeDBClusterSnapshotsCommand, { DBClusterSnapshotIdentifier: name })
    .rejects(new DBClusterSnapshotNotFoundFault(fault));
  list();
});

it('takes a snapshot that says whose it is and how long it is kept, where there is none', async () => {
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  expect(await ensure()).toEqual({ percent: 0, point: null });
  expect(created()).toEqual([
    {
      DBClusterIdentifier: 'orders',
      DBClusterSnapshotIdentifier: name,
      Tags: [
        { Key: 'lockstep:service', Value: 'shop' },
        { Key: 'lockstep:environment', Value: 'production' },
        { Key: 'lockstep:cluster', Value: 'orders' },
        { Key: 'lockstep:run', Value: 'run-1' },
        { Key: 'lockstep:keep-until', Value: '2026-12-21T06:00:00.400Z' },
      ],
    },
  ]);
});

it('takes one where AWS answers with an empty list', async () => {
  api.on(DescribeDBClusterSnapshotsCommand, { DBClusterSnapshotIdentifier: name }).resolves({ DBClusterSnapshots: [] });
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  expect(await ensure()).toMatchObject({ point: null });
  expect(created()).toHaveLength(1);
});

it('adopts its own one, as far as it is', async () => {
  standing({ Status: 'creating', PercentProgress: 40 });
  expect(await ensure()).toEqual({ percent: 40, point: null });
  standing({ Status: 'creating' });
  expect(await ensure()).toEqual({ percent: 0, point: null });
  standing({ Status: 'available', PercentProgress: 100 });
  const point = { kind: 'snapshot', cluster: 'orders', resourceId: 'cluster-1', snapshot: name };
  expect(await ensure()).toEqual({ percent: 100, point: { ...point, at: '2026-11-21T06:00:00.400Z' } });
  expect(created()).toEqual([]);
});

it.each(['failed', 'deleting', undefined])('gives up when its own one is %s', async (Status) => {
  standing({ Status });
  await expect(ensure()).rejects.toMatchObject({
    name: 'RestorePointFailed',
    message: expect.stringMatching(/^orders: snapshot lockstep-orders-\w+ is .*No SQL was sent to the cluster\.$/),
  });
});

it.each([
  ["another run's", { owner: 'run-2' }, 'was not taken by this run (run-2)'],
  ["nobody's, for all one can see", { owner: null }, 'was not taken by this run (no tag)'],
  ["another cluster's", { cluster: 'billing' }, 'was not taken by this run'],
])('does not rely on a snapshot that is %s', async (_, of, reason) => {
  standing({ Status: 'available', ...of });
  await expect(ensure()).rejects.toMatchObject({
    name: 'RestorePointFailed',
    message: expect.stringContaining(reason),
  });
  expect(created()).toEqual([]);
});

it('waits for a snapshot that somebody made between the two calls, and judges it next time', async () => {
  api.on(CreateDBClusterSnapshotCommand).rejects(new DBClusterSnapshotAlreadyExistsFault(fault));
  expect(await ensure()).toMatchObject({ percent: 0, point: null });
  standing({ Status: 'available', owner: 'run-2' });
  await expect(ensure()).rejects.toMatchObject({ name: 'RestorePointFailed' });
});

it('says that a cluster is gone which was there when the run was planned', async () => {
  api.on(CreateDBClusterSnapshotCommand).rejects(new DBClusterNotFoundFault(fault));
  await expect(ensure()).rejects.toMatchObject({
    name: 'RestorePointFailed',
    message: `orders: snapshot ${name} can not be taken: there is no such cluster. No SQL was sent to the cluster.`,
  });
});

it.each([
  ['SnapshotQuotaExceededFault', new SnapshotQuotaExceededFault(fault)],
  ['InvalidDBClusterStateFault', new InvalidDBClusterStateFault(fault)],
])('lets %s through, for the state machine to wait or to end', async (name, error) => {
  api.on(CreateDBClusterSnapshotCommand).rejects(error);
  await expect(ensure()).rejects.toMatchObject({ name });
});

it('lets a failing look through instead of taking it for no snapshot', async () => {
  api
    .on(DescribeDBClusterSnapshotsCommand, { DBClusterSnapshotIdentifier: name })
    .rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
  await expect(ensure()).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(created()).toEqual([]);
});

/** A snapshot of the cluster from so many days ago. */
const old = (id: string, age: number, TagList: object[], more: object = {}) => ({
  ...{ DBClusterSnapshotIdentifier: id, DBClusterIdentifier: 'orders', Status: 'available' },
  ...{ SnapshotCreateTime: days(-age), TagList, ...more },
});

it('deletes first what has outlived its time, and only what is its own', async () => {
  list(
    old('newest', 31, tags(-1)),
    old('older', 32, tags(-2)),
    old('oldest', 33, tags(-3)),
    old('still-kept', 60, tags(1)),
    old('by-hand', 90, []),
    old('of-another-service', 90, tags(-9, { 'lockstep:service': 'billing' })),
    old('of-another-environment', 90, tags(-9, { 'lockstep:environment': 'staging' })),
    old('of-another-cluster', 90, tags(-9, { 'lockstep:cluster': 'billing' })),
    old('of-no-run', 90, tags(-9, { 'lockstep:run': null })),
    old('kept-for-ever', 90, tags(-9, { 'lockstep:keep-until': null })),
    old('kept-for-no-time-one-can-read', 90, tags(-9, { 'lockstep:keep-until': 'soon' })),
    old('half-made', 90, tags(-9), { Status: 'creating' }),
  );
  api.on(DeleteDBClusterSnapshotCommand).resolves({}).on(CreateDBClusterSnapshotCommand).resolves({});
  await ensure();
  expect(deleted()).toEqual(['older', 'oldest']);
  expect(created()).toHaveLength(1);
});

it('never deletes the last one, however old it is', async () => {
  list(old('only', 400, tags(-370)));
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  await ensure();
  expect(deleted()).toEqual([]);
});

it('looks through all pages', async () => {
  const pages: Record<string, object> = {
    first: { DBClusterSnapshots: [old('newest', 31, tags(-1))], Marker: 'next' },
    next: { DBClusterSnapshots: [old('older', 32, tags(-2))] },
  };
  api.on(DescribeDBClusterSnapshotsCommand).callsFake((input: DescribeDBClusterSnapshotsCommandInput) => {
    if (input.DBClusterSnapshotIdentifier) throw new DBClusterSnapshotNotFoundFault(fault);
    return pages[input.Marker ?? 'first'];
  });
  api.on(DeleteDBClusterSnapshotCommand).resolves({}).on(CreateDBClusterSnapshotCommand).resolves({});
  await ensure();
  expect(deleted()).toEqual(['older']);
});

it('goes on where old ones can be neither listed nor deleted, and logs it', async () => {
  const warned = log();
  list(old('newest', 31, tags(-1)), old('older', 32, tags(-2)), old('oldest', 33, tags(-3)));
  api
    .on(DeleteDBClusterSnapshotCommand, { DBClusterSnapshotIdentifier: 'older' })
    .rejects(new Error('not now'))
    .on(DeleteDBClusterSnapshotCommand, { DBClusterSnapshotIdentifier: 'oldest' })
    .resolves({});
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  expect(await ensure(order(), warned)).toEqual({ percent: 0, point: null });
  expect(deleted()).toEqual(['older', 'oldest']);
  expect(warned.warn.mock.calls.map(([message]) => message)).toEqual([
    'older, an old restore point of orders, could not be deleted',
  ]);
  api
    .on(DescribeDBClusterSnapshotsCommand, { DBClusterIdentifier: 'orders', SnapshotType: 'manual' })
    .rejects(new Error('slow down'));
  expect(await ensure(order(), warned)).toEqual({ percent: 0, point: null });
  expect(created()).toHaveLength(2);
});

it('asks for the same snapshot each time, and for another for each run and cluster', () => {
  const long = 'a'.repeat(50);
  const names = (
    [
      ['a', '1'],
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
      [`${long}b`, '1'],
      [`${long}c`, '1'],
    ] as const
  ).map(([cluster, run]) => restorePointIdentifier(cluster, run));
  expect(names[1]).toBe(names[0]);
  expect(new Set(names).size).toBe(5);
});

it("keeps to RDS's rule for identifiers whatever cluster and run are called", () => {
  const part = string({ unit: constantFrom('a', 'z', '0', '9'), minLength: 1, maxLength: 50 });
  const cluster = array(part, { minLength: 1, maxLength: 8 })
    .map((parts) => `c${parts.join('-')}`.slice(0, 63).replace(/-$/, ''))
    .filter((name) => ClusterIdentifier.safeParse(name).success);
  assert(
    property(cluster, string(), (cluster, run) => {
      const snapshot = restorePointIdentifier(cluster, run);
      expect(snapshot).toMatch(/^[a-z](-?[a-z0-9])*$/);
      expect(snapshot.length).toBeLessThanOrEqual(63);
    }),
    {
      examples: [
        [`${'a'.repeat(39)}-b`, 'cut behind the hyphen'],
        ['a'.repeat(63), ''],
      ],
    },
  );
});
