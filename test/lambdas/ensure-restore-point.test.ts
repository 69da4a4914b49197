import {
  CreateDBClusterSnapshotCommand,
  DBClusterSnapshotNotFoundFault,
  DescribeDBClusterSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { expect, it } from 'vitest';
import { run } from '../fleet/samples.ts';
import { awsError, mocks, step } from './harness.ts';

const { opened, logs } = step('ensure-restore-point', { SERVICE: 'shop', ENVIRONMENT: 'production' });

const cluster = { cluster: 'tenants-a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: [] };
const event = (more: object = {}) => ({ run: run(), wave: 1, cluster, ...more });
const none = new DBClusterSnapshotNotFoundFault({ $metadata: {}, message: 'not found' });

it('asks for a snapshot of the cluster, which says whose it is', async () => {
  const { invoke } = await opened();
  mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none).on(CreateDBClusterSnapshotCommand).resolves({});
  const answer = await invoke(event());
  expect(answer).toEqual({ snapshot: expect.stringMatching(/^lockstep-tenants-a-/), status: 'creating', percent: 0 });
  expect(mocks.rds.commandCalls(CreateDBClusterSnapshotCommand).map(({ args: [{ input }] }) => input)).toEqual([
    {
      DBClusterIdentifier: 'tenants-a',
      DBClusterSnapshotIdentifier: answer.snapshot,
      Tags: [
        { Key: 'lockstep:service', Value: 'shop' },
        { Key: 'lockstep:environment', Value: 'production' },
        { Key: 'lockstep:run', Value: run().execution },
      ],
    },
  ]);
});

it('tells when it is available', async () => {
  const { invoke } = await opened();
  mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({
    DBClusterSnapshots: [
      {
        DBClusterIdentifier: 'tenants-a',
        Status: 'available',
        TagList: [{ Key: 'lockstep:run', Value: run().execution }],
      },
    ],
  });
  expect(await invoke(event())).toMatchObject({ status: 'available' });
});

it.each(['InvalidDBClusterStateFault', 'SnapshotQuotaExceededFault'])(
  'fails with %s under its own name, which the state machine tells apart',
  async (name) => {
    const { invoke } = await opened();
    mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none);
    mocks.rds.on(CreateDBClusterSnapshotCommand).rejects(awsError(name));
    await expect(invoke(event())).rejects.toMatchObject({ name });
    expect(JSON.parse(logs())).toMatchObject({ task: 'EnsureRestorePoint', run: 'run-1', cluster: 'tenants-a' });
  },
);

it('fails where the snapshot belongs to somebody else', async () => {
  const { invoke } = await opened();
  mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({
    DBClusterSnapshots: [{ DBClusterIdentifier: 'tenants-a', Status: 'available', TagList: [] }],
  });
  await expect(invoke(event())).rejects.toMatchObject({ name: 'RestorePointFailed' });
});

it.each([
  ['run.run', { run: { ...run(), run: undefined } }],
  ['cluster.cluster', { cluster: { ...cluster, cluster: 'a--b' } }],
])('refuses an input with a bad %s', async (field, more) => {
  const { invoke } = await opened();
  await expect(invoke(event(more))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`EnsureRestorePoint can't work with its input: ${field}: `),
  });
});
