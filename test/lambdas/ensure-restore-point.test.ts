import {
  CreateDBClusterSnapshotCommand,
  DBClusterSnapshotNotFoundFault,
  DescribeDBClusterSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { expect, it } from 'vitest';
import { setControl } from '../../lib/ledger/control.ts';
import { recordRun, recordVerdict } from '../../lib/ledger/runs.ts';
import { run, verdict } from '../fleet/samples.ts';
import { awsError, mocks, step } from './harness.ts';

const { opened, logs } = step('ensure-restore-point', { SERVICE: 'shop', ENVIRONMENT: 'production' });

const cluster = { cluster: 'tenants-a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: [] };
const event = (more: object = {}) => ({
  run: run(),
  wave: { wave: 1, budget: 0, pardoned: 0, again: false },
  cluster,
  ...more,
});
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

it('takes none where the run is paused, or too many databases of the wave have failed', async () => {
  const { invoke, ledger } = await opened();
  const failure = { ...{ migration: null, file: null, statement: null, line: null }, sqlstate: '', message: 'no' };
  await recordVerdict(ledger, 'run-1', verdict('b', 'x', { verdict: 'failed', failure }), 1);
  // Said twice, it counts once.
  await recordVerdict(ledger, 'run-1', verdict('b', 'x', { verdict: 'failed', failure }), 1);
  const wave = { wave: 1, budget: 0, pardoned: 0, again: false };
  expect(await invoke(event({ wave }))).toEqual({ status: 'skipped', snapshot: '', percent: 0 });
  mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none).on(CreateDBClusterSnapshotCommand).resolves({});
  expect(await invoke(event({ wave: { ...wave, budget: 1 } }))).toMatchObject({ status: 'creating' });
  expect(await invoke(event({ wave: { ...wave, pardoned: 1 } }))).toMatchObject({ status: 'creating' });
  expect(await invoke(event({ wave: { ...wave, wave: 2 } }))).toMatchObject({ status: 'creating' });
  await recordRun(ledger, {
    run: 'run-1',
    execution: 'e',
    digest: 'd',
    requestedBy: 'x',
    startedAt: 's',
    status: 'RUNNING',
  });
  await setControl(ledger, 'run-1', { state: 'paused', by: 'Ada', reason: 'lunch', at: '2026-01-05T09:00:00Z' });
  expect(await invoke(event({ wave: { ...wave, wave: 2 } }))).toMatchObject({ status: 'skipped' });
});
