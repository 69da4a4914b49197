import { SendTaskHeartbeatCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { wake } from '../../lib/approval/wake.ts';
import { breakGlassForWindow, castForWindow } from '../../lib/approval/window-glass.ts';
import { recordParked } from '../../lib/ledger/parked.ts';
import { outcomeSentence, type Vote } from '../../lib/ledger/request.ts';
import { getRequest, openRequest } from '../../lib/ledger/requests.ts';
import { ledgers } from '../ledger/harness.ts';
import { asked, at, byIam, byMail } from './request.ts';

const { table } = ledgers();
const sfn = mockClient(SFNClient);
const gone = Object.assign(new Error('task token AQCE… is not there'), { name: 'TaskTimedOut' });

beforeEach(() => {
  sfn.reset();
  sfn.onAnyCommand().rejects(new Error('this test did not expect that call'));
  sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
});

const DORA = byIam('assumed-role/Admin/dora@example.com');
const reason = 'checkout is down, nobody can pay any more';
const vote: Vote = {
  ...{ decision: 'approved', by: 'Ada', reason: '', at: '2026-01-05T09:10:00.000Z', channel: 'mail' },
  ...{ assurance: 'low', identity: 'mail ada@example.com' },
};
const approved = asked({ votes: [vote], outcome: { decision: 'approved', at: vote.at }, deliveredAt: vote.at });
const ballot = (more: object = {}) => ({
  ...{ decision: 'approved' as const, identity: DORA, reason, planDigest: approved.planDigest, breakGlass: true },
  ...more,
});

describe('a broken glass for a run that is parked', () => {
  const parked = async (request = approved, token: string | null = 'the park token') => {
    const ledger = await table();
    await openRequest(ledger, request);
    const rest = { at: 'a', until: 'b', shown: 'Sunday', reason: 'closed', wave: 1, name: 'canary' };
    if (token !== null) await recordParked(ledger, 'run-1', rest, token);
    const around = { table: ledger, sfn: new SFNClient({ region: 'eu-west-1' }), now: () => at('09:30:00') };
    return { ledger, around };
  };
  const woken = () => sfn.commandCalls(SendTaskSuccessCommand).map(({ args: [{ input }] }) => input);

  it('is written down with the votes, and wakes it', async () => {
    const { ledger, around } = await parked();
    expect(await breakGlassForWindow(around, 'run-1', ballot())).toMatchObject({ result: 'counted', delivery: 'sent' });
    expect(woken()).toEqual([{ taskToken: 'the park token', output: '{"abandoned":false}' }]);
    const held = (await getRequest(ledger, 'run-1'))!;
    expect(held.votes).toMatchObject([vote, { by: 'Dora', breakGlass: true, forWindow: true, reason }]);
    expect(held.outcome).toEqual(approved.outcome);
    expect(outcomeSentence(held)).toBe(
      `approved by Ada; Dora broke the glass to have it carried out outside of its window: ${reason}`,
    );
  });

  it('said once more changes nothing, and wakes it again: the first call may have died in between', async () => {
    const { ledger, around } = await parked();
    await breakGlassForWindow(around, 'run-1', ballot());
    expect(await breakGlassForWindow(around, 'run-1', ballot())).toMatchObject({ result: 'repeated' });
    expect((await getRequest(ledger, 'run-1'))?.votes).toHaveLength(2);
    expect(woken()).toHaveLength(2);
  });

  it('is none of this where nothing is approved, or nothing is parked', async () => {
    const open = await parked(asked());
    expect(await breakGlassForWindow(open.around, 'run-1', ballot())).toBeUndefined();
    const going = await parked(approved, null);
    expect(await breakGlassForWindow(going.around, 'run-1', ballot())).toBeUndefined();
    sfn.on(SendTaskHeartbeatCommand).rejects(gone);
    const awake = await parked();
    expect(await breakGlassForWindow(awake.around, 'run-1', ballot())).toBeUndefined();
    expect(woken()).toEqual([]);
  });

  it.each([
    ['who may not', { identity: byIam('user/berta', 'iam') }, 'NoBreakGlass'],
    ['whom nobody knows', { identity: byIam('user/mallory', 'iam') }, 'UnknownPerson'],
    ['who shows no high assurance', { identity: byMail('Dora') }, 'LowAssurance'],
    ['who gives no reason', { reason: 'urgent' }, 'ReasonNeeded'],
    ['who has seen another plan', { planDigest: 'c'.repeat(64) }, 'OtherPlan'],
  ])('is refused to somebody %s', async (_, more, code) => {
    const { around, ledger } = await parked();
    expect(await breakGlassForWindow(around, 'run-1', ballot(more))).toMatchObject({ refusal: { code } });
    expect(castForWindow(approved, ballot(more), at('09:30:00'))).toMatchObject({ result: 'refused' });
    expect((await getRequest(ledger, 'run-1'))?.votes).toHaveLength(1);
    expect(woken()).toEqual([]);
  });
});

describe('waking', () => {
  const asleep = async () => {
    const ledger = await table();
    await recordParked(ledger, 'run-1', { at: 'a', until: 'b', shown: 's', reason: 'r', wave: 1, name: 'n' }, 'token');
    return { table: ledger, sfn: new SFNClient({ region: 'eu-west-1' }) };
  };

  it('is nothing for one that is awake already, and says nothing of its token when it fails', async () => {
    const around = await asleep();
    sfn.on(SendTaskSuccessCommand).rejects(gone);
    await expect(wake(around, 'run-1', { abandoned: false })).resolves.toBeUndefined();
    await expect(wake(around, 'run-2', { abandoned: false })).resolves.toBeUndefined();
    sfn.on(SendTaskSuccessCommand).rejects(Object.assign(new Error('token AQCE'), { name: 'InternalFailure' }));
    await expect(wake(around, 'run-1', { abandoned: false })).rejects.toThrow(
      /^run-1 could not be woken: InternalFailure$/,
    );
  });
});
