import { SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { getRequest, openRequest } from '../../lib/ledger/requests.ts';
import { asked } from '../approval/request.ts';
import { awsError, mocks, step } from './harness.ts';
import { inSlack } from './slack.ts';

const { opened, logs } = step('slack-decision', { SLACK_SECRET: 'lockstep/slack' });
const calls = inSlack();

const ballot = (more: object = {}) => ({
  identity: { channel: 'slack', team: 'T0001', user: 'UADA0001' },
  ...{
    decision: 'approved',
    reason: 'as agreed',
    planDigest: asked().planDigest,
    castAt: '2026-01-05T09:30:00.000Z',
    ...more,
  },
});
const event = (more: object = {}, of: object = {}) => ({
  ...{ run: 'run-1', user: 'UADA0001', channel: 'C0001', ballot: ballot(more), ...of },
});

const ready = async (more: Partial<ApprovalRequest> = {}) => {
  const it = await opened();
  const slack = { channel: 'C0001', ts: '1.2', blocks: [{ type: 'header' }] };
  await openRequest(it.ledger, asked({ expiresAt: '2126-01-05T10:00:00.000Z', slack, ...more }));
  return { ...it, held: async () => (await getRequest(it.ledger, 'run-1'))! };
};

beforeEach(() => {
  mocks.sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
});

describe('a decision that was made in Slack', () => {
  it('counts, is told to the run, and stands in the message', async () => {
    const { invoke, held } = await ready();
    expect(await invoke(event())).toEqual({});
    expect(await held()).toMatchObject({
      outcome: { decision: 'approved' },
      votes: [{ by: 'Ada', channel: 'slack', assurance: 'high', identity: 'slack T0001/UADA0001' }],
    });
    expect(mocks.sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
    expect(calls).toMatchObject([{ method: 'chat.update', body: { channel: 'C0001', ts: '1.2' } }]);
    expect(JSON.stringify(calls)).toContain('*approved by Ada*');
  });

  it('counts once, however often Lambda tries the event again', async () => {
    const { invoke, held } = await ready({ quorum: 2 });
    await invoke(event());
    await invoke(event());
    expect((await held()).votes).toHaveLength(1);
    expect((await held()).outcome).toBeNull();
    expect(calls.filter(({ method }) => method === 'chat.postEphemeral')).toEqual([]);
  });

  it('is tried again, and told to the run then, if it could not be told at first', async () => {
    const { invoke, held } = await ready();
    mocks.sfn.on(SendTaskSuccessCommand).rejectsOnce(awsError('ThrottlingException')).resolves({});
    await expect(invoke(event())).rejects.toMatchObject({ name: 'OutcomeNotSent' });
    expect(await held()).toMatchObject({ votes: [{ by: 'Ada' }], deliveredAt: null });
    await invoke(event());
    expect(await held()).toMatchObject({ votes: [{ by: 'Ada' }], deliveredAt: expect.any(String) });
    expect(calls.map(({ method }) => method)).toEqual(['chat.update']);
  });

  it.each<[string, object, Partial<ApprovalRequest>, string]>([
    [
      'whom the policy does not name',
      { identity: { channel: 'slack', team: 'T0001', user: 'UEVE0001' } },
      {},
      'nobody whom',
    ],
    ['of another workspace', { identity: { channel: 'slack', team: 'T0002', user: 'UADA0001' } }, {}, 'nobody whom'],
    [
      'who started the run',
      {},
      { approvers: ['Berta'], barred: [{ person: 'Ada', because: 'started the run' }] },
      'started',
    ],
    ['who comes too late', {}, { expiresAt: '2026-01-05T09:00:00.000Z' }, 'Nobody decided before'],
    ['who saw another plan', { planDigest: 'e'.repeat(64) }, {}, 'not the plan that is asked about'],
    ['who is second', {}, { outcome: { decision: 'rejected', at: 'x' }, deliveredAt: 'x' }, 'decided already'],
  ])('of somebody %s is refused, and they alone are told why', async (_, more, request, reason) => {
    const { invoke, held } = await ready(request);
    expect(await invoke(event(more))).toEqual({});
    expect((await held()).votes).toEqual([]);
    expect(calls).toMatchObject([
      {
        method: 'chat.postEphemeral',
        body: { channel: 'C0001', user: 'UADA0001', text: expect.stringContaining(reason) },
      },
    ]);
    expect(mocks.sfn.commandCalls(SendTaskSuccessCommand)).toEqual([]);
  });

  it('on a run that asks nobody does nothing', async () => {
    const { invoke } = await ready();
    expect(await invoke(event({}, { run: 'run-2' }))).toEqual({});
    expect(calls).toEqual([]);
  });

  it.each([
    ['by another proof', { identity: { channel: 'iam', arn: 'arn:aws:iam::123456789012:user/berta' } }],
    ['that breaks the glass', { breakGlass: true }],
    ['that withdraws', { decision: 'withdrawn' }],
  ])('is not taken %s', async (_, more) => {
    const { invoke, held } = await ready();
    await expect(invoke(event(more))).rejects.toMatchObject({ name: 'InvalidInput' });
    expect((await held()).votes).toEqual([]);
  });

  it('never shows the task token', async () => {
    const { invoke } = await ready();
    const { taskToken } = asked();
    mocks.sfn.on(SendTaskSuccessCommand).rejects(awsError('ValidationException', taskToken));
    const failure = await invoke(event()).catch((error: Error) => error.message);
    expect(JSON.stringify([failure, calls, logs()])).not.toContain(taskToken);
  });
});
