import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { acquireLease, leaseOwner } from '../../lib/ledger/lease.ts';
import { type RunRecord, recordRun, runRecord } from '../../lib/ledger/runs.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import type { ApprovalPolicy } from '../../lib/policy/approval-policy.ts';
import { policy } from '../approval/request.ts';
import { bundleOf } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { awsError, mocks, step, uploaded } from './harness.ts';

const { opened, logs, counted } = step('admit', { SERVICE: 'shop', ENVIRONMENT: 'production' });

const bundle = bundleOf('001', '002');
const files = () => uploaded(bundle);
const execution = 'arn:aws:states:eu-west-1:111111111111:execution:orders:run-1';

const event = (more: object = {}, input: object = {}) => ({
  input: { digest: digest(bundle), requestedBy: 'anna', ...input },
  execution,
  run: 'run-1',
  startedAt: '2026-01-05T09:00:00.000Z',
  ...more,
});

beforeEach(() => {
  mocks.sfn.on(DescribeExecutionCommand, { executionArn: execution }).resolves({ status: 'RUNNING' });
});

const held = async (ledger: Parameters<typeof acquireLease>[0]) =>
  acquireLease(ledger, 'arn:other', new Date('2126-01-05T08:00:00.000Z'), async () => false);

it('admits a run: takes the lease, writes down the run', async () => {
  const { invoke, ledger } = await opened(files());
  const admitted = {
    run: 'run-1',
    execution,
    digest: digest(bundle),
    token: expect.any(Number),
    requestedBy: 'anna',
    startedAt: '2026-01-05T09:00:00.000Z',
    direction: 'up',
    decided: false,
    revert: null,
  };
  expect(await invoke(event())).toEqual(admitted);
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ ...admitted, status: 'RUNNING' });
});

it('is the same admission when the step is tried again', async () => {
  const { invoke } = await opened(files());
  expect(await invoke(event())).toEqual(await invoke(event()));
});

it('does not ask who asks', async () => {
  const { invoke } = await opened(files());
  expect(await invoke(event({ input: { digest: digest(bundle) } }))).toMatchObject({ requestedBy: 'unknown' });
});

it.each([
  ['no digest', event({ input: {} }), 'input.digest'],
  ['a digest that is none', event({}, { digest: 'abc' }), 'input.digest: a bundle digest is 64 hexadecimal digits'],
  ['something that it does not know', event({}, { force: true }), 'input: '],
  ['an endless requester', event({}, { requestedBy: 'x'.repeat(201) }), 'input.requestedBy'],
  ['a name that no snapshot can be tagged with', event({ run: 'run (1)' }), 'run: name the execution with'],
  ['a name that leads out of its folder', event({ run: '../run-1' }), 'run: name the execution with'],
  ['no input', event({ input: null }), 'input: '],
])('refuses %s, and names it', async (_, given, problem) => {
  const { invoke, ledger } = await opened(files());
  await expect(invoke(given)).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`Admit can't work with its input: ${problem}`),
  });
  expect(await itemsOf(ledger)).toEqual([]);
});

it('refuses a bundle that nobody has uploaded', async () => {
  const { invoke, ledger } = await opened();
  await expect(invoke(event())).rejects.toMatchObject({ name: 'BundleNotFound' });
  expect(await itemsOf(ledger)).toEqual([]);
});

it('refuses a bundle that is not what its digest says', async () => {
  const { invoke, ledger } = await opened({
    ...files(),
    [`bundles/${digest(bundle)}.json`]: canonical(bundleOf('001')),
  });
  await expect(invoke(event())).rejects.toMatchObject({ name: 'BundleTampered' });
  expect(await itemsOf(ledger)).toEqual([]);
});

describe('where people approve, a run', () => {
  const ADA = { Protocol: 'email', Endpoint: 'Ada@example.com', SubscriptionArn: 'arn:aws:sns:eu-west-1:1:topic:1' };
  const asking = async (rules: Partial<ApprovalPolicy>, ...Subscriptions: object[]) => {
    const deployed = JSON.stringify(policy({ slack: null, ...rules }));
    const it = await opened({ ...files(), 'policy.json': deployed });
    for (const [name, value] of [
      ['TOPIC', 'arn:topic'],
      ['POLICY_BUCKET', 'assets'],
      ['POLICY_KEY', 'policy.json'],
    ] as const)
      vi.stubEnv(name, value);
    mocks.sns.on(ListSubscriptionsByTopicCommand, { TopicArn: 'arn:topic' }).resolves({ Subscriptions });
    return it;
  };

  it('is admitted if as many would hear of it as have to approve', async () => {
    const { invoke, ledger } = await asking({}, ADA);
    expect(await invoke(event())).toMatchObject({ run: 'run-1' });
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'RUNNING' });
  });

  it.each<[string, object[]]>([
    ['has not confirmed the subscription', [{ ...ADA, SubscriptionArn: 'PendingConfirmation' }]],
    ['has unsubscribed', [{ ...ADA, SubscriptionArn: 'Deleted' }]],
    ['has never subscribed', []],
  ])('is not if everybody %s, and takes no lease', async (_, subscriptions) => {
    const { invoke, ledger } = await asking({}, ...subscriptions);
    await expect(invoke(event())).rejects.toMatchObject({
      name: 'NobodyReachable',
      message: expect.stringContaining(
        'and nobody would. These have not confirmed their subscription, or have unsubscribed: ada@',
      ),
    });
    expect(await itemsOf(ledger)).toEqual([]);
  });

  it('is not if too few would', async () => {
    const rules = { ...policy().rules, low: { approvals: 2, by: ['Ada', 'Berta'] } };
    const { invoke } = await asking({ rules }, ADA);
    await expect(invoke(event())).rejects.toMatchObject({ message: expect.stringContaining('and only Ada would') });
  });

  it('is not by a policy that makes no sense', async () => {
    const { invoke, ledger } = await asking({ people: [] }, ADA);
    await expect(invoke(event())).rejects.toThrow();
    expect(await itemsOf(ledger)).toEqual([]);
  });
});

describe('a run that is to take another back', () => {
  const machine = 'arn:aws:states:eu-west-1:111111111111:execution:orders';
  const taking = (input: object = {}) => event({ input: { revert: 'run-0', ...input } });
  const earlier = (more: Partial<RunRecord> = {}): RunRecord => ({
    ...{ run: 'run-0', execution: `${machine}:run-0`, digest: digest(bundle), requestedBy: 'anna' },
    ...{ startedAt: '2026-01-04T09:00:00.000Z', status: 'SUCCEEDED', ...more },
  });

  const admission = async (record: RunRecord | null, given: object) => {
    const { invoke, ledger } = await opened(files());
    if (record) await recordRun(ledger, record);
    return { answer: invoke(given), ledger };
  };

  it.each(['SUCCEEDED', 'FAILED'] as const)('is admitted with the bundle of that run, which %s', async (status) => {
    const { answer, ledger } = await admission(earlier({ status }), taking());
    expect(await answer).toMatchObject({ digest: digest(bundle), direction: 'down', decided: false, revert: 'run-0' });
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ revert: 'run-0', status: 'RUNNING' });
  });

  it('is admitted after a run that was stopped, and could not say so in the ledger', async () => {
    mocks.sfn.on(DescribeExecutionCommand, { executionArn: `${machine}:run-0` }).resolves({ status: 'ABORTED' });
    const { answer } = await admission(earlier({ status: 'RUNNING' }), taking({ digest: digest(bundle) }));
    expect(await answer).toMatchObject({ direction: 'down' });
  });

  it.each<[string, RunRecord | null, object, string]>([
    ['that is not known', null, taking(), 'the ledger of this environment knows no run of that name'],
    ['of another environment', earlier({ execution: 'arn:x:run-0' }), taking(), 'it ran elsewhere, as arn:x:run-0'],
    ['that took one back itself', earlier({ revert: 'run-y' }), taking(), 'it took run run-y back itself. To bring'],
    ['of another bundle', earlier(), taking({ digest: 'e'.repeat(64) }), `it was of bundle ${digest(bundle)}, not of`],
    ['that is still at work', earlier({ status: 'RUNNING' }), taking(), 'it is still at work'],
  ])('is refused for a run %s', async (_, record, given, reason) => {
    mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    const { answer, ledger } = await admission(record, given);
    await expect(answer).rejects.toMatchObject({
      name: 'RevertRefused',
      message: expect.stringContaining(`Run run-0 can't be reverted: ${reason}`),
    });
    expect((await itemsOf(ledger)).filter(({ pk }) => pk === 'LEASE' || pk === 'RUN#run-1')).toEqual([]);
  });

  it('is refused for a name that is none', async () => {
    await expect((await admission(null, taking({ revert: 'a b' }))).answer).rejects.toMatchObject({
      name: 'InvalidInput',
    });
  });
});

it.each(['RUNNING', 'PENDING_REDRIVE'])('refuses while the execution that holds the lease is %s', async (status) => {
  const { invoke, ledger } = await opened(files());
  await held(ledger);
  mocks.sfn.on(DescribeExecutionCommand, { executionArn: 'arn:other' }).resolves({ status: status as 'RUNNING' });
  await expect(invoke(event())).rejects.toMatchObject({ name: 'LeaseHeld', details: { owner: 'arn:other' } });
  expect(counted()).toEqual([]);
  expect(await runRecord(ledger, 'run-1')).toBeUndefined();
});

it.each(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
  'takes the lease over from an execution that is %s',
  async (status) => {
    const { invoke, ledger } = await opened(files());
    await held(ledger);
    mocks.sfn.on(DescribeExecutionCommand, { executionArn: 'arn:other' }).resolves({ status });
    expect(await invoke(event())).toMatchObject({ token: Date.parse('2126-01-05T08:00:00.000Z') + 1 });
    expect(counted()).toMatchObject([{ LeasesLeftBehind: 1, execution: 'arn:other' }]);
  },
);

it('takes the lease over from an execution that nobody knows any more', async () => {
  const { invoke, ledger } = await opened(files());
  await held(ledger);
  mocks.sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));
  expect(await invoke(event())).toMatchObject({ token: Date.parse('2126-01-05T08:00:00.000Z') + 1 });
});

it('leaves the lease where it is when nobody can tell', async () => {
  const { invoke, ledger } = await opened(files());
  await held(ledger);
  mocks.sfn.on(DescribeExecutionCommand).rejects(awsError('AccessDeniedException'));
  await expect(invoke(event())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(await itemsOf(ledger)).toMatchObject([{ pk: 'LEASE', owner: 'arn:other' }]);
});

it('logs a refusal once, with the run and its execution', async () => {
  const { invoke } = await opened();
  await expect(invoke(event())).rejects.toThrow();
  const lines = logs()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      message: `There is no bundle ${digest(bundle)} in the environment's bucket. Upload it first.`,
      error: 'BundleNotFound',
      task: 'Admit',
      run: 'run-1',
      execution,
      request: 'request-1',
    }),
  ]);
});

describe('a run outside of its window', () => {
  const [yesterday, tomorrow] = [-1, 1].map((days) =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10),
  );
  const windows = {
    ...{ timeZone: 'UTC', weekly: [], closedDays: [], calendars: [], tenants: [], outside: 'refuse' },
    freezes: [{ from: yesterday, to: tomorrow, reason: 'a test' }],
  };
  const named = (rules: ApprovalPolicy) => {
    vi.stubEnv('POLICY_BUCKET', 'assets');
    vi.stubEnv('POLICY_KEY', 'policy.json');
    vi.stubEnv('TOPIC', 'arn:topic');
    const Subscriptions = rules.people.flatMap(({ mail }) =>
      mail ? [{ Endpoint: mail, Protocol: 'email', SubscriptionArn: `arn:${mail}` }] : [],
    );
    mocks.sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions });
    return { ...files(), 'policy.json': JSON.stringify(rules) };
  };

  it('is not admitted where it is to be refused, and takes no lease', async () => {
    const { invoke, ledger } = await opened(files());
    await expect(invoke(event({ windows }))).rejects.toMatchObject({
      name: 'OutsideWindow',
      message: expect.stringContaining(`frozen up to and including ${tomorrow} (a test)`),
    });
    expect(await leaseOwner(ledger)).toBeNull();
    expect(await invoke(event({ windows: { ...windows, outside: 'park' } }))).toMatchObject({ run: 'run-1' });
  });

  it('is admitted as an emergency where somebody may break the glass, and nowhere else', async () => {
    const nobody = await opened(files());
    await expect(nobody.invoke(event({ windows }, { emergency: true }))).rejects.toMatchObject({ name: 'NoGlass' });
    const somebody = await opened(named(policy()));
    await expect(somebody.invoke(event({ windows }))).rejects.toThrow('start it with --emergency');
    expect(await somebody.invoke(event({ windows }, { emergency: true }))).toMatchObject({ run: 'run-1' });
  });

  it('is admitted if it takes back what the rules have decided to', async () => {
    const { invoke, ledger } = await opened(files());
    const halted = { run: 'run-0', execution: execution.replace('run-1', 'run-0'), digest: digest(bundle) };
    const back = { requestedBy: 'ci', startedAt: 'then', status: 'FAILED' as const, revertedBy: 'run-1' };
    await recordRun(ledger, { ...halted, ...back });
    const input = { revert: 'run-0', requestedBy: 'Lockstep' };
    expect(await invoke(event({ windows, input }))).toMatchObject({ decided: true });
    await expect(invoke(event({ windows, input, run: 'run-2' }))).rejects.toMatchObject({ name: 'OutsideWindow' });
  });
});

describe('a run that is stopped while it is let in', () => {
  it.each(['ABORTED', 'TIMED_OUT'] as const)('has neither lease nor a record that is open, %s', async (status) => {
    const { invoke, ledger } = await opened(files());
    const stopDate = new Date('2026-01-05T09:00:01.000Z');
    mocks.sfn.on(DescribeExecutionCommand, { executionArn: execution }).resolves({ status, stopDate });
    await expect(invoke(event())).rejects.toMatchObject({ name: 'StoppedMeanwhile' });
    expect(await leaseOwner(ledger)).toBeNull();
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status, endedAt: stopDate.toISOString() });
  });

  it('is not taken for one of which Step Functions does not know yet', async () => {
    const { invoke } = await opened(files());
    mocks.sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));
    expect(await invoke(event())).toMatchObject({ run: 'run-1' });
  });
});
