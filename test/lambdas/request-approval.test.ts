import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { approvalsOf } from '../../lib/ledger/approvals.ts';
import { bundleOf, cluster, database, run } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { awsError, mocks, published, step } from './harness.ts';

const { opened, logs } = step('request-approval', { TOPIC: 'arn:topic', APPROVAL_URL: 'https://approve.example' });

const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAc-the-task-token';
const { plan, planDigest } = makePlan(bundleOf('001', '002'), [cluster('a', database('orders', 1))], {
  service: 'shop',
  environment: 'production',
  digest: 'd'.repeat(64),
  waveSize: 1,
});
const files = () => ({ 'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: 1 }) });
const event = (more: object = {}) => ({
  run: run(),
  plan: { planDigest, pending: 1, migrations: 1, waves: [] },
  taskToken: TOKEN,
  expiresAt: '2026-01-05T10:00:00.000Z',
  ...more,
});

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

it('puts the plan to the approvers, with a link to its page', async () => {
  const { invoke, ledger } = await opened(files());
  expect(await invoke(event())).toEqual({});
  expect(await approvalsOf(ledger, 'run-1')).toMatchObject([
    { run: 'run-1', planDigest, taskToken: TOKEN, requestedBy: 'anna', expiresAt: '2026-01-05T10:00:00.000Z' },
  ]);
  expect(published()).toEqual([
    {
      TopicArn: 'arn:topic',
      Subject: 'Approve shop production: 1 migration',
      Message: expect.stringMatching(/\nhttps:\/\/approve\.example\/approvals\/[A-Za-z0-9_-]{22}\n/),
    },
  ]);
});

it('asks with the same link when the same question is put again', async () => {
  const { invoke, ledger } = await opened(files());
  await invoke(event());
  await invoke(event());
  const [first, second] = published();
  expect(second).toEqual(first);
  expect(await approvalsOf(ledger, 'run-1')).toHaveLength(1);
});

it('tells the task token to the ledger only', async () => {
  const { invoke, bucket } = await opened(files());
  const answer = await invoke(event());
  mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
  await expect(invoke(event())).rejects.toMatchObject({ name: 'InternalErrorException' });
  await expect(invoke(event({ expiresAt: 7 }))).rejects.toMatchObject({ name: 'InvalidInput' });
  await expect(invoke(event({ another: 'thing' }))).rejects.toMatchObject({ name: 'InvalidInput' });
  delete bucket.files['runs/run-1/plan.json'];
  await expect(invoke(event())).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(logs().trim().split('\n')).toHaveLength(4);
  expect(JSON.stringify([answer, published(), bucket.files, logs()])).not.toContain(TOKEN);
});

it('logs the run, its execution, and never the task token', async () => {
  const { invoke } = await opened(files());
  mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
  await expect(invoke(event())).rejects.toThrow();
  expect(JSON.parse(logs())).toMatchObject({
    ...{ level: 'ERROR', task: 'RequestApproval', run: 'run-1', execution: run().execution },
    error: { name: 'InternalErrorException' },
  });
  expect(logs()).not.toContain(TOKEN);
});

it.each([
  ['taskToken', { taskToken: undefined }],
  ['expiresAt', { expiresAt: 7 }],
  ['plan.planDigest', { plan: {} }],
  ['run.token', { run: { ...run(), token: '7' } }],
])('refuses an input with a bad %s', async (field, more) => {
  const { invoke, ledger } = await opened(files());
  await expect(invoke(event(more))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`RequestApproval can't work with its input: ${field}: `),
  });
  expect(await itemsOf(ledger)).toEqual([]);
});
