import {
  CreateDBClusterSnapshotCommand,
  DBClusterSnapshotAlreadyExistsFault,
  DBClusterSnapshotNotFoundFault,
  DescribeDBClusterSnapshotsCommand,
  InvalidDBClusterStateFault,
  RDSClient,
  SnapshotQuotaExceededFault,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { array, assert, asyncProperty, constantFrom, string } from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { ClusterIdentifier } from '../../lib/fleet/fleet.ts';
import { ensureSnapshot } from '../../lib/fleet/restore-point.ts';

const api = mockClient(RDSClient);
const client = new RDSClient({ region: 'eu-west-1' });
const fault = { $metadata: {}, message: 'as AWS says' };

const ensure = (cluster = 'orders', run = 'run-1') =>
  ensureSnapshot(client, { cluster, run, tags: { 'lockstep:service': 'orders' } });

const created = () => api.commandCalls(CreateDBClusterSnapshotCommand).map(({ args: [{ input }] }) => input);

/** A snapshot stands there under the name that was asked for. */
const standing = (more: { Status?: string; PercentProgress?: number; owner?: string | null; cluster?: string }) => {
  const { owner = 'run-1', cluster = 'orders', ...snapshot } = more;
  const TagList = owner === null ? [] : [{ Key: 'lockstep:run', Value: owner }];
  api.on(DescribeDBClusterSnapshotsCommand).resolves({
    DBClusterSnapshots: [{ DBClusterIdentifier: cluster, TagList, ...snapshot }],
  });
};

beforeEach(() => {
  api.reset();
  api.onAnyCommand().rejects(new Error('this test did not expect that call'));
  api.on(DescribeDBClusterSnapshotsCommand).rejects(new DBClusterSnapshotNotFoundFault(fault));
});

it('takes a snapshot, tagged with the run, where there is none', async () => {
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  const { snapshot, ...rest } = await ensure();
  expect(rest).toEqual({ status: 'creating', percent: 0 });
  expect(created()).toEqual([
    {
      DBClusterIdentifier: 'orders',
      DBClusterSnapshotIdentifier: snapshot,
      Tags: [
        { Key: 'lockstep:service', Value: 'orders' },
        { Key: 'lockstep:run', Value: 'run-1' },
      ],
    },
  ]);
});

it('takes one where AWS answers with an empty list', async () => {
  api.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] });
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  expect(await ensure()).toMatchObject({ status: 'creating' });
});

it('adopts its own one, as far as it is', async () => {
  standing({ Status: 'creating', PercentProgress: 40 });
  expect(await ensure()).toMatchObject({ status: 'creating', percent: 40 });
  standing({ Status: 'creating' });
  expect(await ensure()).toMatchObject({ status: 'creating', percent: 0 });
  standing({ Status: 'available', PercentProgress: 100 });
  expect(await ensure()).toMatchObject({ status: 'available', percent: 100 });
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
  expect(await ensure()).toMatchObject({ status: 'creating', percent: 0 });
  standing({ Status: 'available', owner: 'run-2' });
  await expect(ensure()).rejects.toMatchObject({ name: 'RestorePointFailed' });
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
    .on(DescribeDBClusterSnapshotsCommand)
    .rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
  await expect(ensure()).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(created()).toEqual([]);
});

it('asks for the same snapshot each time, and for another for each run and cluster', async () => {
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  const long = 'a'.repeat(50);
  const names: string[] = [];
  for (const [cluster, run] of [
    ['a', '1'],
    ['a', '1'],
    ['a', '2'],
    ['b', '1'],
    [`${long}b`, '1'],
    [`${long}c`, '1'],
  ] as const)
    names.push((await ensure(cluster, run)).snapshot);
  expect(names[1]).toBe(names[0]);
  expect(new Set(names).size).toBe(5);
});

it("keeps to RDS's rule for identifiers whatever cluster and run are called", async () => {
  api.on(CreateDBClusterSnapshotCommand).resolves({});
  const part = string({ unit: constantFrom('a', 'z', '0', '9'), minLength: 1, maxLength: 50 });
  const cluster = array(part, { minLength: 1, maxLength: 8 })
    .map((parts) => `c${parts.join('-')}`.slice(0, 63).replace(/-$/, ''))
    .filter((name) => ClusterIdentifier.safeParse(name).success);
  await assert(
    asyncProperty(cluster, string(), async (cluster, run) => {
      const { snapshot } = await ensure(cluster, run);
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
