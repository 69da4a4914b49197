import {
  CreateDBClusterSnapshotCommand,
  DBClusterSnapshotNotFoundFault,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
} from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { restorePointIdentifier } from '../../lib/fleet/restore-point/own.ts';
import { setControl } from '../../lib/ledger/control.ts';
import { restorePoint } from '../../lib/ledger/restore-points.ts';
import { recordRun, recordVerdict } from '../../lib/ledger/runs.ts';
import { run, verdict } from '../fleet/samples.ts';
import { awsError, mocks, step } from './harness.ts';

const owner = { SERVICE: 'shop', ENVIRONMENT: 'production' };
const cluster = { cluster: 'tenants-a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: [] };
const event = (more: object = {}) => ({
  run: run(),
  wave: { wave: 1, budget: 0, pardoned: 0, again: false },
  cluster,
  ...more,
});
const none = new DBClusterSnapshotNotFoundFault({ $metadata: {}, message: 'not found' });
const pending = { name: 'RestorePointPending' };
const name = restorePointIdentifier('tenants-a', run().execution);

/** The run's own snapshot, asked for by name; any other look finds nothing. */
const snapshot = (Status: string, TagList = [{ Key: 'lockstep:run', Value: run().execution }]) =>
  mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({
    DBClusterSnapshots: [
      {
        ...{ DBClusterSnapshotIdentifier: name, DBClusterIdentifier: 'tenants-a', Status, TagList },
        ...{ DbClusterResourceId: 'cluster-1', SnapshotCreateTime: new Date('2026-11-21T06:00:00.000Z') },
      },
    ],
  });

describe('snapshots', () => {
  const rule = JSON.stringify({ kind: 'snapshot', keepFor: 86_400 });
  const { opened, logs } = step('ensure-restore-point', { ...owner, RESTORE_POINT: rule });

  it('asks for a snapshot of the cluster, which says whose it is', async () => {
    const { invoke, ledger } = await opened();
    mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none).on(CreateDBClusterSnapshotCommand).resolves({});
    await expect(invoke(event())).rejects.toMatchObject(pending);
    expect(JSON.parse(logs().trim().split('\n').at(-1) ?? '')).toMatchObject({
      level: 'INFO',
      message: `${name} is being made (0 %).`,
    });
    expect(mocks.rds.commandCalls(CreateDBClusterSnapshotCommand).map(({ args: [{ input }] }) => input)).toEqual([
      {
        DBClusterIdentifier: 'tenants-a',
        DBClusterSnapshotIdentifier: name,
        Tags: [
          { Key: 'lockstep:service', Value: 'shop' },
          { Key: 'lockstep:environment', Value: 'production' },
          { Key: 'lockstep:cluster', Value: 'tenants-a' },
          { Key: 'lockstep:run', Value: run().execution },
          { Key: 'lockstep:keep-until', Value: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
        ],
      },
    ]);
    expect(await restorePoint(ledger, 'run-1', 'tenants-a')).toBeUndefined();
  });

  it('writes it down when it is available, and tells so', async () => {
    const { invoke, ledger } = await opened();
    snapshot('available');
    expect(await invoke(event())).toEqual({ snapshot: name, status: 'available' });
    expect(await restorePoint(ledger, 'run-1', 'tenants-a')).toEqual({
      ...{ kind: 'snapshot', cluster: 'tenants-a', resourceId: 'cluster-1', snapshot: name },
      at: '2026-11-21T06:00:00.000Z',
    });
    expect(await invoke(event())).toEqual({ snapshot: name, status: 'available' });
  });

  it('takes none anew in the place of one that was there when SQL began, and is gone', async () => {
    const { invoke } = await opened();
    snapshot('available');
    await invoke(event());
    mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none);
    await expect(invoke(event())).rejects.toMatchObject({
      name: 'RestorePointFailed',
      message: expect.stringContaining(`tenants-a: ${name} can't be gone back to: the snapshot was deleted.`),
    });
  });

  it.each(['InvalidDBClusterStateFault', 'SnapshotQuotaExceededFault'])(
    'fails with %s under its own name, which the state machine tells apart',
    async (name) => {
      const { invoke } = await opened();
      mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none);
      mocks.rds.on(CreateDBClusterSnapshotCommand).rejects(awsError(name));
      await expect(invoke(event())).rejects.toMatchObject({ name });
      const last = logs().trim().split('\n').at(-1) ?? '';
      expect(JSON.parse(last)).toMatchObject({ task: 'EnsureRestorePoint', run: 'run-1', cluster: 'tenants-a' });
    },
  );

  it('fails where the snapshot belongs to somebody else', async () => {
    const { invoke } = await opened();
    snapshot('available', []);
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
});

describe('points in time', () => {
  const { opened } = step('ensure-restore-point', { ...owner, RESTORE_POINT: '{"kind":"pointInTime"}' });

  it('are there at once, and the first one holds however often it is asked for', async () => {
    const { invoke, ledger } = await opened();
    const found = { DbClusterResourceId: 'cluster-1', BackupRetentionPeriod: 1 };
    mocks.rds
      .on(DescribeDBClustersCommand)
      .resolves({ DBClusters: [{ ...found, EarliestRestorableTime: new Date('2026-01-01T00:00:00Z') }] });
    const answer = await invoke(event());
    expect(answer).toEqual({ snapshot: expect.stringMatching(/\d\d\.000Z$/), status: 'available' });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await invoke(event())).toEqual(answer);
    expect(await restorePoint(ledger, 'run-1', 'tenants-a')).toMatchObject({
      ...{ kind: 'pointInTime', resourceId: 'cluster-1', at: answer.snapshot },
    });
  });
});

describe('a cluster whose turn it is no more', () => {
  const rule = JSON.stringify({ kind: 'snapshot', keepFor: 86_400 });
  const { opened } = step('ensure-restore-point', { ...owner, RESTORE_POINT: rule });

  it('takes none where the run is paused, or too many databases of the wave have failed', async () => {
    const { invoke, ledger } = await opened();
    const failure = { ...{ migration: null, file: null, statement: null, line: null }, sqlstate: '', message: 'no' };
    await recordVerdict(ledger, 'run-1', verdict('b', 'x', { verdict: 'failed', failure }), 1);
    // Said twice, it counts once.
    await recordVerdict(ledger, 'run-1', verdict('b', 'x', { verdict: 'failed', failure }), 1);
    const wave = { wave: 1, budget: 0, pardoned: 0, again: false };
    expect(await invoke(event({ wave }))).toEqual({ status: 'skipped', snapshot: '' });
    mocks.rds.on(DescribeDBClusterSnapshotsCommand).rejects(none).on(CreateDBClusterSnapshotCommand).resolves({});
    await expect(invoke(event({ wave: { ...wave, budget: 1 } }))).rejects.toMatchObject(pending);
    await expect(invoke(event({ wave: { ...wave, pardoned: 1 } }))).rejects.toMatchObject(pending);
    await expect(invoke(event({ wave: { ...wave, wave: 2 } }))).rejects.toMatchObject(pending);
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
});
