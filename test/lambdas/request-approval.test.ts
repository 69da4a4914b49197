import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { announce, changeRequest, getLink, getRequest } from '../../lib/ledger/requests.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { policy } from '../approval/request.ts';
import { bundleOf, cluster, database, inWavesOf, run } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { awsError, mocks, published, step, uploaded } from './harness.ts';

const { opened, counted, logs } = step('request-approval', {
  ...{ TOPIC: 'arn:topic', APPROVAL_URL: 'https://approve.example' },
  ...{ POLICY_BUCKET: 'assets', POLICY_KEY: 'policy.json' },
});

const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAc-the-task-token';
const bundle = bundleOf('001', '002');
const { plan, planDigest } = makePlan(bundle, [cluster('a', database('orders', 1))], {
  ...{ service: 'shop', environment: 'production', digest: digest(bundle), rollout: inWavesOf(1) },
  ...{ policy: 'p', fleet: 'f', version: '1.0.0' },
});
const rules = policy({ slack: null });
const files = (of: object = rules): Record<string, string> => ({
  ...uploaded(bundle),
  'policy.json': JSON.stringify(of),
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: {}, previous: null }),
});
const event = (more: object = {}) => ({
  run: run({ digest: digest(bundle) }),
  plan: { planDigest, pending: 1, migrations: 1, waves: [] },
  taskToken: TOKEN,
  expiresAt: '2126-01-05T10:00:00.000Z',
  ...more,
});
const starter = { arn: 'arn:aws:sts::123456789012:assumed-role/Ci/job', digest: digest(bundle), authors: [], at: 'x' };
const announced = (ledger: Table, more: object = {}) => announce(ledger, 'run-1', { ...starter, ...more });

const recipients = () => published().map(({ MessageAttributes }) => MessageAttributes?.approver?.StringValue);
const links = () =>
  published().map(({ Message }) => /example\/approvals\/([\w-]{22})\n/.exec(Message ?? '')?.[1] ?? '');

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
  mocks.sfn.on(SendTaskSuccessCommand).resolves({}).on(SendTaskFailureCommand).resolves({});
});

describe('a plan', () => {
  it('is put to each approver, with a link of their own to its page', async () => {
    const { invoke, ledger } = await opened(files());
    await announced(ledger);
    expect(await invoke(event())).toEqual({});
    expect(await getRequest(ledger, 'run-1')).toMatchObject({
      ...{ run: 'run-1', planDigest, taskToken: TOKEN, requestedBy: 'anna', starter: starter.arn, quorum: 1 },
      ...{ policy: rules, expiresAt: '2126-01-05T10:00:00.000Z', outcome: null },
    });
    expect(recipients()).toEqual(['Ada', 'Berta', 'Cleo']);
    expect(published()[0]).toMatchObject({
      TopicArn: 'arn:topic',
      Subject: 'Approve: shop production, bring 1 migration to 1 database',
    });
    expect(await Promise.all(links().map((it) => getLink(ledger, it)))).toMatchObject([
      ...[{ person: 'Ada' }, { person: 'Berta' }, { person: 'Cleo' }],
    ]);
  });

  it('is asked about again, in the same request, when the step is tried again', async () => {
    const { invoke, ledger } = await opened(files());
    await invoke(event());
    const { formKey } = (await getRequest(ledger, 'run-1'))!;
    await invoke(event());
    expect(recipients()).toEqual(['Ada', 'Berta', 'Cleo', 'Ada', 'Berta', 'Cleo']);
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ formKey, taskToken: TOKEN });
  });

  it('is reminded of with a new token and new links, while the old ones still work', async () => {
    const { invoke, ledger } = await opened(files());
    await invoke(event());
    await invoke(event({ taskToken: 'another-token' }));
    expect(published()[3]).toMatchObject({ Subject: expect.stringMatching(/^Still waiting: shop production/) });
    expect(new Set(links()).size).toBe(6);
    for (const link of links()) expect(await getLink(ledger, link)).toMatchObject({ run: 'run-1' });
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ taskToken: 'another-token' });
  });

  it('that was decided while nobody waited is answered at once', async () => {
    const { invoke, ledger } = await opened(files());
    await invoke(event());
    await changeRequest(ledger, 'run-1', (it) => ({ ...it, outcome: { decision: 'approved', at: 'x' } }));
    await invoke(event({ taskToken: 'another-token' }));
    expect(mocks.sfn.commandCalls(SendTaskSuccessCommand).map(({ args }) => args[0].input)).toMatchObject([
      { taskToken: 'another-token' },
    ]);
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ deliveredAt: expect.any(String) });
    expect(published()).toHaveLength(3);
  });

  it('that nobody decided in time is closed', async () => {
    const { invoke, ledger } = await opened(files());
    await invoke(event());
    await changeRequest(ledger, 'run-1', (it) => ({ ...it, expiresAt: '2026-01-05T10:00:00.000Z' }));
    await invoke(event({ taskToken: 'another-token' }));
    expect(mocks.sfn.commandCalls(SendTaskFailureCommand).map(({ args }) => args[0].input)).toEqual([
      {
        ...{ taskToken: 'another-token', error: 'ApprovalExpired' },
        cause: 'nobody decided before 2026-01-05T10:00:00.000Z',
      },
    ]);
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ outcome: { decision: 'expired' } });
    expect(published()).toHaveLength(3);
  });

  it('that was changed in the bucket is put to nobody', async () => {
    const swapped = { ...plan, version: '6.6.6', planDigest, dataApiCalls: {} };
    const { invoke, ledger } = await opened({ ...files(), 'runs/run-1/plan.json': JSON.stringify(swapped) });
    await expect(invoke(event())).rejects.toMatchObject({
      name: 'PlanChanged',
      message: expect.stringContaining('the plan in the bucket was changed'),
    });
    expect([await itemsOf(ledger), published()]).toEqual([[], []]);
  });
});

describe('who decides', () => {
  it('are one more where nobody announced the run, or another bundle', async () => {
    const { invoke, ledger } = await opened(files());
    await announced(ledger, { digest: 'e'.repeat(64) });
    await invoke(event());
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ starter: null, quorum: 2 });
  });

  it('have to be enough', async () => {
    const few = { ...rules, rules: { ...rules.rules, low: { approvals: 1, by: ['Ada'] } } };
    const { invoke, ledger } = await opened(files(few));
    await expect(invoke(event())).rejects.toMatchObject({
      name: 'TooFewApprovers',
      message: expect.stringMatching(/^2 have to approve, and only Ada may\. Nobody announced this run/),
    });
    expect([await itemsOf(ledger), published()]).toEqual([[], []]);
  });

  it('are not known where no policy is deployed', async () => {
    const { invoke } = await opened({ ...files(), 'policy.json': '{}' });
    await expect(invoke(event())).rejects.toThrow();
    expect(published()).toEqual([]);
  });
});

it('tells the task token to the ledger only', async () => {
  const { invoke, bucket } = await opened(files());
  const answer = await invoke(event());
  mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
  await expect(invoke(event())).rejects.toMatchObject({ name: 'InternalErrorException' });
  // A reminder that fails is logged, and is no failure.
  await invoke(event({ taskToken: `${TOKEN}-again` }));
  await expect(invoke(event({ expiresAt: 7 }))).rejects.toMatchObject({ name: 'InvalidInput' });
  await expect(invoke(event({ another: 'thing' }))).rejects.toMatchObject({ name: 'InvalidInput' });
  delete bucket.files['runs/run-1/plan.json'];
  await expect(invoke(event())).rejects.toMatchObject({ name: 'PlanChanged' });
  expect(counted()).toMatchObject([{ SecondsWaiting: 0 }, { SecondsWaiting: expect.any(Number) }]);
  expect(logs().trim().split('\n')).toHaveLength(5 + counted().length);
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
