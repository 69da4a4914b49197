import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, expect, it } from 'vitest';
import { acquireLease } from '../../lib/ledger/lease.ts';
import { recordRun, runRecord } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { run } from '../fleet/samples.ts';
import { mocks, step } from './harness.ts';

const machine = 'arn:aws:states:eu-west-1:111111111111:execution:lockstep-shop-production';
const named = { SERVICE: 'shop', ENVIRONMENT: 'production' };
const { opened } = step('admit-restore', { ...named, RUNS: machine, TOPIC: 'arn:topic' });

const event = (input: object = { run: 'run-1', requestedBy: 'anna' }) => ({
  ...{ input, execution: `${machine}-restore:restore-1`, restore: 'restore-1', startedAt: '2026-01-06T09:00:00Z' },
});

beforeEach(() => {
  mocks.sfn.on(DescribeExecutionCommand, { executionArn: event().execution }).resolves({ status: 'RUNNING' });
});

const earlier = (ledger: Table, more: object = {}) =>
  recordRun(ledger, { ...run(), execution: `${machine}:run-1`, status: 'FAILED', ...more });

it('lets a restore of a run that has ended in, and takes the lease for it', async () => {
  const { invoke, ledger } = await opened();
  await earlier(ledger);
  const { run: admitted, order } = await invoke(event({ run: 'run-1', clusters: ['a', 'b', 'a'], swap: true }));
  expect(admitted).toMatchObject({ run: 'restore-1', digest: run().digest, requestedBy: 'unknown', direction: 'down' });
  expect(order).toEqual({ run: 'run-1', execution: `${machine}:run-1`, clusters: ['a', 'b'], swap: true });
  expect(await runRecord(ledger, 'restore-1')).toMatchObject({ restores: 'run-1', status: 'RUNNING' });
  expect(await invoke(event({ run: 'run-1', clusters: ['a', 'b', 'a'], swap: true }))).toMatchObject({ run: admitted });
});

it.each([
  ['nobody knows', undefined, 'knows no run of that name'],
  [
    'ran elsewhere',
    { execution: 'arn:aws:states:us-east-1:0:execution:lockstep-shop-production:run-1' },
    'ran elsewhere',
  ],
  ['was a restore itself', { execution: `${machine}-restore:run-1` }, 'ran elsewhere'],
  ['is at work', { status: 'RUNNING' }, 'still at work'],
])('refuses a run that %s', async (_, record, sentence) => {
  const { invoke, ledger } = await opened();
  if (record) await earlier(ledger, record);
  mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  await expect(invoke(event())).rejects.toMatchObject({
    name: 'RestoreRefused',
    message: expect.stringContaining(sentence),
  });
  expect(await runRecord(ledger, 'restore-1')).toBeUndefined();
});

it('waits for nobody who is at work', async () => {
  const { invoke, ledger } = await opened();
  await earlier(ledger);
  await acquireLease(ledger, `${machine}:run-2`, new Date(), async () => true);
  mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  await expect(invoke(event())).rejects.toMatchObject({ name: 'LeaseHeld' });
  mocks.sfn.on(DescribeExecutionCommand, { executionArn: `${machine}:run-2` }).resolves({ status: 'FAILED' });
  expect(await invoke(event())).toMatchObject({ run: { run: 'restore-1' } });
});

it.each([
  ['run', {}],
  ['run', { run: '../other' }],
  ['clusters', { run: 'run-1', clusters: [] }],
  ['clusters.0', { run: 'run-1', clusters: ["a'; DROP"] }],
  ['swap', { run: 'run-1', swap: 'yes' }],
  ['', { run: 'run-1', force: true }],
])('refuses an input with a bad %j', async (field, input) => {
  const { invoke } = await opened();
  await expect(invoke(event(input))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`input${field ? `.${field}` : ''}: `),
  });
});
