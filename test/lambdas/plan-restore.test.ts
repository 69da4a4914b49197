import {
  DBClusterNotFoundFault,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  type DescribeDBClustersCommandInput,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, expect, it } from 'vitest';
import { recordProtection } from '../../lib/ledger/protections.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRestorePoint } from '../../lib/ledger/restore-points.ts';
import { recordRun, runRecord } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { asked } from '../approval/request.ts';
import { described, execution, points, shape } from '../fleet/restore/samples.ts';
import { run } from '../fleet/samples.ts';
import { mocks, step } from './harness.ts';

const { opened } = step('plan-restore', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', RULES: 'rules', VERSION: '1.0.0', TOPIC: 'arn:topic' },
});

const restore = run({ run: 'restore-1-run-1', direction: 'down' });
const order = { run: 'run-1', execution, clusters: null, swap: true };
const event = (more: object = {}) => ({ run: restore, order, approved: null, ...more });
const planned = (cluster: string, database: string) => ({
  ...{
    cluster,
    database,
    wave: 1,
    applied: 1,
    pending: ['002'],
    fingerprint: `before ${database}`,
    head: 'h',
    server: 1,
  },
});
const files = () => ({
  'runs/run-1/plan.json': JSON.stringify({ databases: [planned('orders', 'red'), planned('orders', 'blue')] }),
  'runs/run-1/fleet.json': JSON.stringify([
    { cluster: 'orders', clusterArn: 'arn:orders', secretArn: 'secret', databases: ['red', 'blue'] },
  ]),
});

let clusters: Record<string, object> = {};
beforeEach(() => {
  clusters = { orders: described(shape(), { DBClusterIdentifier: 'orders', DbClusterResourceId: 'cluster-OLD' }) };
  mocks.rds.on(DescribeDBClustersCommand).callsFake((input: DescribeDBClustersCommandInput) => {
    const id = input.Filters?.[0]?.Values?.[0];
    const found = Object.entries(clusters).filter(([name, it]) =>
      id === undefined
        ? name === input.DBClusterIdentifier
        : (it as { DbClusterResourceId: string }).DbClusterResourceId === id,
    );
    if (id === undefined && found.length === 0)
      throw new DBClusterNotFoundFault({ $metadata: {}, message: 'not found' });
    return { DBClusters: found.map(([, it]) => it) };
  });
  mocks.rds
    .on(DescribeDBInstancesCommand)
    .resolves({ DBInstances: [{ DBInstanceIdentifier: 'orders-1', DBInstanceClass: 'db.r8g.large' }] })
    .on(DescribeDBClusterSnapshotsCommand)
    .resolves({ DBClusterSnapshots: [{ Status: 'available' }] })
    .on(DescribeAccountAttributesCommand)
    .resolves({ AccountQuotas: [{ AccountQuotaName: 'DBClusters', Used: 39, Max: 40 }] });
});

const known = async (ledger: Table) => {
  await recordRestorePoint(ledger, 'run-1', points.snapshot);
  await recordRun(ledger, { ...restore, status: 'RUNNING' });
};

it('plans each cluster of which there is a restore point, and writes the plan and the manifest', async () => {
  const { invoke, json, ledger } = await opened(files());
  await known(ledger);
  const answer = await invoke(event());
  const manifest = { key: 'runs/restore-1-run-1/clusters.json', version: expect.any(String) };
  expect(answer).toEqual({ planDigest: expect.stringMatching(/^[0-9a-f]{64}$/), swap: true, clusters: 1, manifest });
  expect(json(manifest.key)).toMatchObject([
    {
      ...{ cluster: 'orders', secretArn: 'secret', point: points.snapshot, stands: false, replaces: 'cluster-OLD' },
      restored: expect.stringMatching(/^lockstep-restored-orders-/),
      kept: expect.stringMatching(/^orders-before-/),
      shape: { subnetGroup: 'subnets', instances: [{ class: 'db.r8g.large' }] },
      databases: [
        { database: 'red', fingerprint: 'before red' },
        { database: 'blue', fingerprint: 'before blue' },
      ],
    },
  ]);
  expect(json('runs/restore-1-run-1/plan.json')).toMatchObject({ restores: 'run-1', swap: true });
  expect(await runRecord(ledger, 'restore-1-run-1')).toMatchObject({ planDigest: answer.planDigest });
  // The same, written once more.
  expect(await invoke(event())).toEqual({ ...answer, manifest });
});

it('takes what an earlier restore has made, even where its restore point is gone by now', async () => {
  const { invoke, json, ledger } = await opened(files());
  await known(ledger);
  await invoke(event());
  const [{ restored }] = json('runs/restore-1-run-1/clusters.json');
  const TagList = [{ Key: 'lockstep:restore-of', Value: execution }];
  clusters[restored] = described(shape(), { DbClusterResourceId: 'cluster-NEW', TagList });
  mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] });
  await invoke(event());
  expect(json('runs/restore-1-run-1/clusters.json')).toMatchObject([{ restored, stands: true }]);
});

it('goes on with a swap that was left half-way', async () => {
  const { invoke, json, ledger } = await opened(files());
  await known(ledger);
  const TagList = [{ Key: 'lockstep:restore-of', Value: execution }];
  const old = clusters.orders!;
  clusters = {
    orders: described(shape(), { DBClusterIdentifier: 'orders', DbClusterResourceId: 'cluster-NEW', TagList }),
    'orders-before-1': { ...old, DBClusterIdentifier: 'orders-before-1' },
  };
  await invoke(event());
  expect(json('runs/restore-1-run-1/clusters.json')).toMatchObject([
    { restored: 'orders', stands: true, replaces: 'cluster-OLD' },
  ]);
  // Between the two renamings nobody has the name.
  delete clusters.orders;
  await invoke(event());
  expect(json('runs/restore-1-run-1/clusters.json')).toMatchObject([{ stands: false, replaces: 'cluster-OLD' }]);
});

it('copies what protects a cluster from deletion, unless it was a restore that did so', async () => {
  const { invoke, json, ledger } = await opened(files());
  await known(ledger);
  const planned = async () => {
    await invoke(event());
    return json('runs/restore-1-run-1/clusters.json')[0].shape.deletionProtection;
  };
  expect(await planned()).toBe(true);
  await recordProtection(ledger, { resourceId: 'cluster-OLD', restore: 'restore-1-run-1' });
  expect(await planned()).toBe(false);
});

it.each([true, false])('leaves a cluster that is swapped in already as protected as it is: %s', async (isProtected) => {
  const { invoke, json, ledger } = await opened(files());
  await known(ledger);
  const TagList = [{ Key: 'lockstep:restore-of', Value: execution }];
  const named = { DBClusterIdentifier: 'orders', DbClusterResourceId: 'cluster-NEW', TagList };
  clusters = {
    orders: described(shape({ deletionProtection: isProtected }), named),
    'orders-before-1': described(shape({ deletionProtection: !isProtected }), { DbClusterResourceId: 'cluster-OLD' }),
  };
  await invoke(event());
  expect(json('runs/restore-1-run-1/clusters.json')).toMatchObject([{ shape: { deletionProtection: isProtected } }]);
});

it.each([
  [
    'its snapshot is gone',
    () => mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] }),
    {},
    "orders: its restore point can't be gone back to: the snapshot was deleted.",
  ],
  [
    'the cluster is gone',
    () => {
      clusters = {};
    },
    {},
    'orders: it is gone, and with it what a new one would have to be like.',
  ],
  [
    'another cluster is named',
    () => {},
    { clusters: ['orders', 'billing'] },
    'billing: the run has no restore point of it.',
  ],
  [
    'there is no room',
    () =>
      mocks.rds
        .on(DescribeAccountAttributesCommand)
        .resolves({ AccountQuotas: [{ AccountQuotaName: 'DBInstances', Used: 40, Max: 40 }] }),
    {},
    '1 DBInstances are needed and 0 are left (40 of 40 are used).',
  ],
])('refuses where %s, before anything is written', async (_, change, more, sentence) => {
  const { invoke, bucket, ledger } = await opened(files());
  await known(ledger);
  change();
  await expect(invoke(event({ order: { ...order, ...more } }))).rejects.toMatchObject({
    name: 'RestoreRefused',
    message: expect.stringContaining(sentence),
  });
  expect(Object.keys(bucket.files)).toHaveLength(2);
});

it('refuses a run that has no restore points', async () => {
  const { invoke } = await opened(files());
  await expect(invoke(event())).rejects.toMatchObject({
    name: 'RestoreRefused',
    message: expect.stringContaining('it changed nothing'),
  });
});

it('carries out what was approved, if it is still the same', async () => {
  const { invoke, ledger } = await opened(files());
  await known(ledger);
  const { planDigest } = await invoke(event());
  await expect(invoke(event({ approved: planDigest }))).rejects.toMatchObject({ name: 'NotApproved' });
  const outcome = { decision: 'approved' as const, at: '2026-01-05T09:10:00Z' };
  await openRequest(ledger, asked({ run: restore.run, planDigest, outcome }));
  expect(await invoke(event({ approved: planDigest }))).toMatchObject({ planDigest });
  clusters.orders = { ...clusters.orders, BackupRetentionPeriod: 35 };
  await expect(invoke(event({ approved: planDigest }))).rejects.toMatchObject({ name: 'PlanChanged' });
});
