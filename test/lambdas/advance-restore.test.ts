import { DescribeDBClustersCommand, DescribeDBInstancesCommand, ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { instanceName } from '../../lib/fleet/restore/names.ts';
import { acquireLease, releaseLease } from '../../lib/ledger/lease.ts';
import { isProtectedByRestore } from '../../lib/ledger/protections.ts';
import { recordRestored, restoredOf } from '../../lib/ledger/restores.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { described, execution, item, shape } from '../fleet/restore/samples.ts';
import { run } from '../fleet/samples.ts';
import { awsError, dataApi, mocks, statements, step } from './harness.ts';

const { opened } = step('advance-restore', { SERVICE: 'shop', ENVIRONMENT: 'production' });

const order = { run: 'run-1', execution, clusters: null, swap: true };
const since = () => new Date().toISOString();
const event = (token: number, more: object = {}) => ({
  ...{ run: run({ run: 'restore-1', execution: 'restore', token }), order, phase: 'restore', cluster: item() },
  ...{ since: since(), verified: 0, ...more },
});

const leased = async (ledger: Table) => (await acquireLease(ledger, 'restore', new Date(), async () => true)).token;

/** The new cluster stands there with all its instances. */
const there = (more: object = {}) => {
  const TagList = [{ Key: 'lockstep:restore-of', Value: execution }];
  const named = { DBClusterIdentifier: item().restored, DBClusterArn: 'arn:new', DbClusterResourceId: 'cluster-NEW' };
  mocks.rds
    .on(DescribeDBClustersCommand)
    .resolves({ DBClusters: [described(shape(), { ...named, TagList, ...more })] });
  mocks.rds.on(DescribeDBInstancesCommand).resolves({
    DBInstances: [1, 2].map((it) => ({
      ...{ DBInstanceIdentifier: instanceName('orders', execution, it), DBInstanceStatus: 'available' },
    })),
  });
};

const inspection = (fingerprint: string) => ({
  ...{ server: 170009, installed: true, history: [], fingerprint, invalidIndexes: [], notValidated: [] },
});

it('tells how far it is, and what is waited for', async () => {
  const { invoke, ledger } = await opened();
  there({ Status: 'creating' });
  expect(await invoke(event(await leased(ledger)))).toEqual({ state: 'working', seconds: 30, verified: 0 });
  expect(await restoredOf(ledger, 'restore-1', 'orders')).toMatchObject({
    ...{ state: 'working', note: `${item().restored} is creating`, resourceId: 'cluster-NEW' },
  });
});

it('is done when every schema is what it was before the run', async () => {
  const { invoke, ledger } = await opened();
  there();
  dataApi(inspection(sha256('red')), inspection(sha256('blue')));
  const token = await leased(ledger);
  // Lambda ends this call in five seconds: what is left is for the next one.
  expect(await invoke(event(token))).toEqual({ state: 'working', seconds: 10, verified: 1 });
  expect(await invoke(event(token, { verified: 1 }))).toEqual({ state: 'done', seconds: 0, verified: 0 });
  expect(statements().map(({ resourceArn, database }) => [resourceArn, database])).toEqual([
    ['arn:new', 'red'],
    ['arn:new', 'blue'],
  ]);
  expect(await restoredOf(ledger, 'restore-1', 'orders')).toMatchObject({
    ...{ state: 'restored', restored: item().restored, resourceId: 'cluster-NEW', kept: null },
  });
});

it('names each database whose schema is another one', async () => {
  const { invoke, ledger } = await opened();
  there();
  dataApi(inspection(sha256('green')));
  await expect(invoke(event(await leased(ledger), { verified: 1 }))).rejects.toMatchObject({
    name: 'RestoreDiffers',
    details: { databases: [{ database: 'blue', expected: sha256('blue'), found: sha256('green') }] },
  });
});

it.each(['HttpEndpointNotEnabledException', 'DatabaseResumingException', 'TimeoutError'])(
  'comes back to the next database after %s',
  async (name) => {
    const { invoke, ledger } = await opened();
    there();
    dataApi(inspection(sha256('red')), ...Array(20).fill(awsError(name)));
    const token = await leased(ledger);
    expect(await invoke(event(token))).toEqual({ state: 'working', seconds: 10, verified: 1 });
    dataApi(inspection(sha256('blue')));
    expect(await invoke(event(token, { verified: 1 }))).toMatchObject({ state: 'done' });
  },
);

it('says what to do where the secret is not that of the restore point', async () => {
  const { invoke, ledger } = await opened();
  there();
  dataApi(
    awsError('BadRequestException', 'FATAL: password authentication failed for user "migrator"; SQLState: 28P01'),
  );
  await expect(invoke(event(await leased(ledger)))).rejects.toMatchObject({
    name: 'RestoreFailed',
    message: expect.stringContaining("set it there to the secret's, and run the same command again"),
  });
});

it("does nothing any more once the lease is another one's", async () => {
  const { invoke, ledger } = await opened();
  await acquireLease(ledger, 'another', new Date(), async () => true);
  await expect(invoke(event(1))).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(mocks.rds.calls()).toHaveLength(0);
});

it('does nothing any more once it was stopped, though nobody else has the lease', async () => {
  const { invoke, ledger } = await opened();
  const token = await leased(ledger);
  await releaseLease(ledger, 'restore');
  mocks.sfn.on(DescribeExecutionCommand, { executionArn: 'restore' }).resolves({ status: 'ABORTED' });
  await expect(invoke(event(token))).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(mocks.rds.calls()).toHaveLength(0);
});

it('gives up after a day', async () => {
  const { invoke, ledger } = await opened();
  const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString();
  await expect(invoke(event(await leased(ledger), { since: yesterday }))).rejects.toMatchObject({
    name: 'RestoreFailed',
  });
});

it('swaps what it has restored, by its id', async () => {
  const { invoke, ledger } = await opened();
  const token = await leased(ledger);
  await expect(invoke(event(token, { phase: 'swap' }))).rejects.toMatchObject({ name: 'RestoreFailed' });
  const restored = { ...{ cluster: 'orders', state: 'restored' as const, note: '', failure: null, kept: null } };
  const made = { restored: item().restored, resourceId: 'cluster-NEW', exchanging: false };
  await recordRestored(ledger, 'restore-1', { ...restored, ...made });
  const by = (id: string) => ({ Filters: [{ Name: 'db-cluster-resource-id', Values: [id] }] });
  const old = { DBClusterIdentifier: 'orders', Status: 'available', DeletionProtection: false };
  mocks.rds
    .on(DescribeDBClustersCommand, by('cluster-NEW'))
    .resolves({
      DBClusters: [{ DBClusterIdentifier: item().restored, DbClusterResourceId: 'cluster-NEW', Status: 'available' }],
    })
    .on(DescribeDBClustersCommand, by('cluster-OLD'))
    .resolves({ DBClusters: [old] })
    .on(ModifyDBClusterCommand)
    .callsFake(async () => {
      // A renaming whose answer is lost may have taken place.
      expect(await restoredOf(ledger, 'restore-1', 'orders')).toMatchObject({ exchanging: true });
      throw awsError('TimeoutError');
    });
  await expect(invoke(event(token, { phase: 'swap' }))).rejects.toMatchObject({ name: 'TimeoutError' });
  const error = { Error: 'TimeoutError', Cause: '{"errorMessage":"as AWS says"}' };
  await invoke(event(token, { phase: 'failed', error }));
  expect(await restoredOf(ledger, 'restore-1', 'orders')).toMatchObject({ state: 'failed', exchanging: true });
  expect(await isProtectedByRestore(ledger, 'cluster-OLD')).toBe(true);
  mocks.rds.on(ModifyDBClusterCommand).resolves({});
  expect(await invoke(event(token, { phase: 'swap' }))).toMatchObject({ state: 'working', seconds: 2 });
  expect(await restoredOf(ledger, 'restore-1', 'orders')).toMatchObject({
    ...{ resourceId: 'cluster-NEW', state: 'working', exchanging: true },
  });
});

it('writes down what a cluster broke on, and keeps what is known of it', async () => {
  const { invoke, ledger } = await opened();
  there({ Status: 'creating' });
  const token = await leased(ledger);
  await invoke(event(token));
  const error = { Error: 'RestoreFailed', Cause: '{"errorMessage":"orders: it broke"}' };
  expect(await invoke(event(token, { phase: 'failed', error }))).toMatchObject({ state: 'done' });
  expect(await restoredOf(ledger, 'restore-1', 'orders')).toMatchObject({
    ...{ state: 'failed', note: 'orders: it broke', resourceId: 'cluster-NEW' },
    failure: { error: 'RestoreFailed', cause: 'orders: it broke' },
  });
});
