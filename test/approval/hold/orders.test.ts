import { SendTaskHeartbeatCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ordersApi } from '../../../lib/approval/orders-api.ts';
import { controlOf } from '../../../lib/ledger/control.ts';
import { announce, changeRequest, getRequest, openRequest } from '../../../lib/ledger/requests.ts';
import { recordRun, updateRun } from '../../../lib/ledger/runs.ts';
import type { ApprovalPolicy } from '../../../lib/policy/approval-policy.ts';
import { itemsOf, ledgers } from '../../ledger/harness.ts';
import { asked, at, byIam, policy } from '../request.ts';
import { held } from './held.ts';

const { table } = ledgers();
const sfn = mockClient(SFNClient);
const arn = (resource: string, service?: string) => (byIam(resource, service) as { arn: string }).arn;
const ADA = arn('assumed-role/Ada/terminal');
const BERTA = arn('user/berta', 'iam');
const STARTER = arn('assumed-role/Ci/job');
const STRANGER = arn('user/stranger', 'iam');
const shown = held().planDigest;

beforeEach(() => {
  sfn.reset();
  sfn.onAnyCommand().rejects(new Error('this test did not expect that call'));
  sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
});

type Setting = { rules?: ApprovalPolicy | null; hold?: Parameters<typeof held>[0] | null; risk?: 'low' | 'high' };

const running = async ({ rules = policy(), hold = null, risk = 'low' }: Setting = {}) => {
  const ledger = await table();
  const { digest } = asked();
  const named = { run: 'run-1', execution: 'arn', digest, requestedBy: 'ci', startedAt: 'then' };
  await recordRun(ledger, { ...named, status: 'RUNNING' });
  await announce(ledger, 'run-1', { arn: STARTER, digest, authors: [], at: 'then' });
  await openRequest(ledger, asked({ risk, outcome: { decision: 'approved', at: 'then' }, deliveredAt: 'then' }));
  if (hold) await openRequest(ledger, held(hold));
  const around = { table: ledger, sfn: new SFNClient({ region: 'eu-west-1' }), now: () => at('09:30:00') };
  const app = ordersApi(() => ({ ...around, policy: async () => rules }));
  const call = async (method: string, caller: string | null, body?: object, run = 'run-1') => {
    const event = { requestContext: caller === null ? {} : { authorizer: { iam: { userArn: caller } } } };
    const init = body ? { body: JSON.stringify(body) } : {};
    const answer = await app.request(`/runs/${run}/control`, { method, ...init }, { event });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  const say = (caller: string | null, order: string, more: object = {}) =>
    call('POST', caller, { order, reason: 'the shop is slow', ...more });
  return { ledger, call, say, control: () => controlOf(ledger, 'run-1') };
};

describe('a run that is at work', () => {
  it('is paused by whoever the policy names, and by who started it, with who and why', async () => {
    for (const [caller, by] of [
      [ADA, 'Ada'],
      [STARTER, STARTER],
    ] as const) {
      const { say, control } = await running();
      expect(await say(caller, 'pause')).toMatchObject({ status: 200, json: { result: 'ordered' } });
      expect(await control()).toMatchObject({ state: 'paused', by, reason: 'the shop is slow' });
      expect(await say(BERTA, 'pause')).toMatchObject({ json: { result: 'repeated', control: { by } } });
    }
  });

  it('is told nothing by strangers, without reason, or unsigned', async () => {
    const { say, ledger } = await running();
    const before = await itemsOf(ledger);
    for (const order of ['pause', 'resume', 'abandon'])
      expect((await say(STRANGER, order)).status).toBeGreaterThanOrEqual(400);
    for (const order of ['pause', 'abandon'])
      expect(await say(ADA, order, { reason: ' ' })).toMatchObject({ status: 400, json: { error: 'ReasonNeeded' } });
    for (const order of ['pause', 'resume', 'abandon', 'revert'])
      expect(await say(null, order)).toMatchObject({ status: 403 });
    for (const body of [{ order: 'stop' }, { order: 'pause', more: 1 }, { order: 'pause', reason: 'x'.repeat(1001) }])
      expect(await say(ADA, 'pause', body)).toMatchObject({ status: 400 });
    expect(await itemsOf(ledger)).toEqual(before);
  });

  it('goes on again if one who counts for it says so, but not if its starter does', async () => {
    const { say, control } = await running();
    expect(await say(ADA, 'resume')).toMatchObject({ status: 409, json: { error: 'NotHeld' } });
    await say(ADA, 'pause');
    expect(await say(STARTER, 'resume')).toMatchObject({ status: 403, json: { error: 'UnknownPerson' } });
    expect((await control()).state).toBe('paused');
    expect(await say(BERTA, 'resume', { reason: '' })).toMatchObject({
      json: { control: { state: 'going', by: 'Berta' } },
    });
  });

  it('that several have to let go on waits until it is held, when they can be asked', async () => {
    const { say, control } = await running({ risk: 'high' });
    await say(ADA, 'pause');
    expect(await say(BERTA, 'resume')).toMatchObject({ status: 409, json: { error: 'NotHeldYet' } });
    expect((await control()).state).toBe('paused');
  });

  it('is abandoned for good, is not reverted before it is held, and is rejected while it waits for approval', async () => {
    const { say, ledger } = await running();
    expect(await say(ADA, 'revert')).toMatchObject({ status: 409, json: { error: 'NotHeld' } });
    expect(await say(STARTER, 'abandon')).toMatchObject({ json: { result: 'ordered', decided: null } });
    expect(await say(ADA, 'pause')).toMatchObject({ status: 409, json: { error: 'RunAbandoned' } });
    await changeRequest(ledger, 'run-1', (it) => ({ ...it, outcome: null }));
    expect(await say(ADA, 'abandon')).toMatchObject({ json: { error: 'WaitingForApproval' } });
  });

  it('that has ended, or never was, says so', async () => {
    const { say, call, ledger } = await running();
    await updateRun(ledger, 'run-1', { status: 'SUCCEEDED' });
    for (const order of ['pause', 'resume', 'abandon', 'revert'])
      expect(await say(ADA, order)).toMatchObject({ status: 409, json: { error: 'RunNotAtWork' } });
    for (const method of ['GET', 'POST'])
      expect(await call(method, ADA, method === 'GET' ? undefined : { order: 'pause' }, 'run-2')).toMatchObject({
        ...{ status: 404, json: { error: 'NoSuchRun' } },
      });
  });

  it('of an environment without policy obeys whoever IAM lets ask', async () => {
    const { say, control } = await running({ rules: null });
    await say(STRANGER, 'pause');
    await say(STRANGER, 'resume');
    expect(await control()).toMatchObject({ state: 'going', by: STRANGER });
  });
});

describe('a run that is held', () => {
  it('tells what it waits for, and none of its secrets', async () => {
    const { call } = await running({ hold: {} });
    const { json } = await call('GET', ADA);
    expect(json).toMatchObject({
      ...{ run: 'run-1', control: { state: 'going' } },
      hold: { id: 'run-1#1', state: 'waiting', planDigest: shown, hold: { wave: 2, canRevert: true } },
    });
    expect(JSON.stringify(json)).not.toMatch(/task-token|kkkk|example\.com|failures/);
  });

  it('is resumed as it was shown, and not otherwise', async () => {
    const { say, ledger } = await running({ hold: {} });
    expect(await say(ADA, 'resume')).toMatchObject({ status: 409, json: { error: 'OtherPlan' } });
    expect(await say(ADA, 'resume', { shown })).toMatchObject({
      status: 200,
      json: {
        result: 'ordered',
        hold: null,
        decided: { state: 'resume', sentence: 'resumed by Ada: the shop is slow' },
      },
    });
    expect(await say(ADA, 'resume', { shown })).toMatchObject({ json: { error: 'NotHeld' } });
    expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
    expect(await getRequest(ledger, 'run-1#1')).toMatchObject({ votes: [{ channel: 'iam', identity: ADA }] });
  });

  it('counts until the quorum is there', async () => {
    const { say } = await running({ hold: { quorum: 2 } });
    expect(await say(ADA, 'revert', { shown })).toMatchObject({ json: { decided: { state: 'waiting' } } });
    expect(await say(BERTA, 'revert', { shown })).toMatchObject({ json: { decided: { state: 'revert' } } });
  });

  it('is abandoned by who started it, who can’t resume it; every step hears of it, and the run once', async () => {
    const { say, control } = await running({ hold: {} });
    expect(await say(STARTER, 'resume', { shown })).toMatchObject({ status: 403 });
    expect(await say(STARTER, 'abandon')).toMatchObject({ json: { decided: { state: 'abandon' } } });
    expect(await control()).toMatchObject({ state: 'abandoned', by: STARTER });
    const [call] = sfn.commandCalls(SendTaskSuccessCommand);
    expect(JSON.parse(call?.args[0].input.output ?? '')).toMatchObject({ decision: 'abandon', by: STARTER });
  });

  it('needs no pause', async () => {
    const { say } = await running({ hold: {} });
    expect(await say(ADA, 'pause')).toMatchObject({ status: 409, json: { error: 'HeldAlready' } });
  });
});
