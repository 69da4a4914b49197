import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { setControl } from '../../lib/ledger/control.ts';
import { announce, changeRequest, getLink, getRequest } from '../../lib/ledger/requests.ts';
import { recordRun, recordVerdict } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { policy } from '../approval/request.ts';
import { bundleOf, cluster, database, inWavesOf, run, verdict } from '../fleet/samples.ts';
import { mocks, published, step, uploaded } from './harness.ts';

const variables = { TOPIC: 'arn:topic', APPROVAL_URL: 'https://approve.example' };
const deployed = { POLICY_BUCKET: 'assets', POLICY_KEY: 'policy.json' };
const { opened, counted } = step('hold', variables);

const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAc-the-task-token';
const bundle = bundleOf('001', '002');
const fleet = [cluster('a', database('orders', 1), database('billing', 1)), cluster('b', database('orders', 1))];
const { plan, planDigest } = makePlan(bundle, fleet, {
  ...{ service: 'shop', environment: 'production', digest: digest(bundle), rollout: inWavesOf(1) },
  ...{ policy: 'p', fleet: 'f', version: '1.0.0' },
});
const rules = policy({ slack: null });
const files = (): Record<string, string> => ({
  ...uploaded(bundle),
  'policy.json': JSON.stringify(rules),
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: {}, previous: null }),
});
const event = (more: object = {}) => ({
  run: run({ digest: digest(bundle) }),
  hold: { number: 1, wave: 1, reason: 'the failure budget of wave 1 is spent', canRevert: false, onward: true },
  taskToken: TOKEN,
  expiresAt: '2126-01-05T10:00:00.000Z',
  ...more,
});
const starter = { arn: 'arn:aws:sts::123456789012:assumed-role/Ci/job', digest: digest(bundle), authors: [], at: 'x' };
const failure = {
  ...{ migration: '002', file: '002_step_002.sql', statement: 1, line: 7, sqlstate: '23505', message: 'duplicate key' },
};

const held = async ({ without = false } = {}) => {
  if (!without) for (const [key, value] of Object.entries(deployed)) process.env[key] = value;
  const it = await opened(files());
  const { ledger } = it;
  const named = { run: 'run-1', execution: 'arn', digest: digest(bundle), requestedBy: 'ci', startedAt: 'then' };
  await recordRun(ledger, { ...named, status: 'RUNNING' });
  await announce(ledger, 'run-1', starter);
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { verdict: 'failed', failure }));
  await recordVerdict(ledger, 'run-1', verdict('a', 'billing', { applied: ['002'] }));
  return it;
};

const sent = () =>
  mocks.sfn.commandCalls(SendTaskSuccessCommand).map(({ args: [{ input }] }) => JSON.parse(input.output ?? ''));
const recipients = () => published().map(({ MessageAttributes }) => MessageAttributes?.approver?.StringValue);
const decided = (ledger: Table) =>
  changeRequest(ledger, 'run-1#1', (it) => ({
    ...it,
    votes: [
      { decision: 'resume', by: 'Ada', reason: 'known', at: 'x', channel: 'iam', assurance: 'high', identity: 'arn' },
    ],
    outcome: { decision: 'resume', at: '2026-01-05T09:30:00.000Z' },
  }));

beforeEach(() => {
  for (const key of Object.keys(deployed)) delete process.env[key];
  mocks.sns.on(PublishCommand).resolves({});
  mocks.sfn.on(SendTaskSuccessCommand).resolves({});
});

describe('a rollout that is held', () => {
  it('is put to everybody with a mail address, each by a link of their own, as it stands', async () => {
    const { invoke, ledger } = await held();
    expect(await invoke(event())).toEqual({});
    expect(await getRequest(ledger, 'run-1#1')).toMatchObject({
      ...{ run: 'run-1', taskToken: TOKEN, starter: starter.arn, quorum: 1, policy: rules, outcome: null },
      hold: {
        ...{ number: 1, wave: 1, canRevert: false, onward: true, withoutDown: ['002_step_002.sql'], moreFailures: 0 },
        waves: [
          { wave: 1, databases: 2, verdicts: { applied: 1, failed: 1 } },
          { wave: 2, databases: 1, verdicts: {} },
        ],
        failures: [{ cluster: 'a', database: 'orders', file: '002_step_002.sql', line: 7, message: 'duplicate key' }],
      },
    });
    expect(recipients()).toEqual(['Ada', 'Berta', 'Cleo']);
    const { Subject, Message = '' } = published()[0] ?? {};
    expect(Subject).toBe('Held: shop production, the failure budget of wave 1 is spent');
    expect(Message).toContain('a/orders: 002_step_002.sql:7: duplicate key');
    expect(Message).toContain('It can’t be reverted: 002_step_002.sql has no down file.');
    const link = /example\/approvals\/([\w-]{22})\n/.exec(Message)?.[1] ?? '';
    expect(await getLink(ledger, link)).toMatchObject({ run: 'run-1#1', person: 'Ada' });
    expect(JSON.stringify(published())).not.toContain(TOKEN);
  });

  it('of a run that began when nothing was said of where it goes on, takes up what its wave has left', async () => {
    const { invoke, ledger } = await held();
    const { onward, ...hold } = event().hold;
    await invoke(event({ hold }));
    expect(onward).toBe(true);
    expect((await getRequest(ledger, 'run-1#1'))?.hold?.onward).toBe(false);
  });

  it('is one request, however often the step is tried, and reminded of with a new token', async () => {
    const { invoke, ledger } = await held();
    await invoke(event());
    const first = (await getRequest(ledger, 'run-1#1'))!;
    await recordVerdict(ledger, 'run-1', verdict('b', 'orders', { applied: ['002'] }));
    await invoke(event({ taskToken: 'another-token' }));
    const { formKey, planDigest, taskToken } = (await getRequest(ledger, 'run-1#1'))!;
    expect({ formKey, planDigest, taskToken }).toEqual({
      ...{ formKey: first.formKey, planDigest: first.planDigest, taskToken: 'another-token' },
    });
    expect(published().at(-1)?.Subject).toBe('Still held: shop production, the failure budget of wave 1 is spent');
    const [asked, reminded, ...more] = counted();
    expect([asked, more]).toMatchObject([{ SecondsWaiting: 0, run: 'run-1#1', since: first.createdAt }, []]);
    expect(reminded.SecondsWaiting).toBeGreaterThan(0);
  });

  it('is abandoned when its time is up, and told so', async () => {
    const { invoke } = await held();
    await invoke(event({ expiresAt: '2020-01-01T00:00:00.000Z' }));
    expect(sent()).toEqual([
      { decision: 'abandon', by: 'nobody', reason: 'nobody decided before 2020-01-01T00:00:00.000Z' },
    ]);
    expect(published()).toEqual([]);
  });

  it('loses no decision that came while nobody waited, not even after its time', async () => {
    const { invoke, ledger } = await held();
    await invoke(event());
    await decided(ledger);
    await invoke(event({ taskToken: 'closing', expiresAt: '2020-01-01T00:00:00.000Z' }));
    expect(sent()).toEqual([{ decision: 'resume', by: 'Ada', reason: 'known' }]);
    expect(counted()).toHaveLength(1);
    expect(await getRequest(ledger, 'run-1#1')).toMatchObject({ outcome: { decision: 'resume' } });
  });

  it('ends at once where somebody has abandoned the run just before', async () => {
    const { invoke, ledger } = await held();
    await setControl(ledger, 'run-1', { state: 'abandoned', by: 'Berta', reason: 'wrong bundle', at: '2026-01-05' });
    await invoke(event());
    expect(sent()).toEqual([{ decision: 'abandon', by: 'Berta', reason: 'wrong bundle' }]);
  });

  it('is told to the topic where no policy names people, with the commands that answer', async () => {
    const { invoke, ledger } = await held({ without: true });
    await invoke(event());
    expect(published()).toMatchObject([{ Subject: expect.stringMatching(/^Held: shop production/) }]);
    expect(published()[0]?.MessageAttributes).toBeUndefined();
    expect(published()[0]?.Message).toContain('lockstep resume production run-1\nlockstep abandon production run-1');
    expect(await getRequest(ledger, 'run-1#1')).toMatchObject({ approvers: [], quorum: 1 });
  });

  it.each([
    ['number', 0],
    ['wave', -1],
    ['canRevert', 'yes'],
    ['onward', 'yes'],
  ])('with a %s of %j is a bug of the workflow', async (key, value) => {
    const { invoke } = await held();
    const { hold } = event();
    await expect(invoke(event({ hold: { ...hold, [key]: value } }))).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});
