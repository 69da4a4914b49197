import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { decide, tell } from '../../../lib/approval/decide.ts';
import { controlOf, setControl } from '../../../lib/ledger/control.ts';
import { type Answer, idOf } from '../../../lib/ledger/request.ts';
import { changeRequest, getRequest, holdsOf, newestRequests, openRequest } from '../../../lib/ledger/requests.ts';
import { recordRun } from '../../../lib/ledger/runs.ts';
import type { Identity } from '../../../lib/policy/approval-policy.ts';
import { ledgers } from '../../ledger/harness.ts';
import { asked, at, byIam, byMail, bySlack } from '../request.ts';
import { held, rollout } from './held.ts';

const { table } = ledgers();
const sfn = mockClient(SFNClient);
const sent = () =>
  sfn.commandCalls(SendTaskSuccessCommand).map(({ args: [{ input }] }) => JSON.parse(input.output ?? ''));

beforeEach(() => {
  sfn.reset();
  sfn.onAnyCommand().rejects(new Error('this test did not expect that call'));
  sfn.on(SendTaskHeartbeatCommand).resolves({});
  sfn.on(SendTaskSuccessCommand).resolves({});
});

const holding = async (more: Parameters<typeof held>[0] = {}) => {
  const ledger = await table();
  const request = held(more);
  const named = { run: 'run-1', execution: 'arn', digest: request.digest, requestedBy: 'ci', startedAt: 'then' };
  await recordRun(ledger, { ...named, status: 'RUNNING' });
  await openRequest(ledger, asked());
  await openRequest(ledger, request);
  const around = { table: ledger, sfn: new SFNClient({ region: 'eu-west-1' }), now: () => at('09:30:00') };
  const cast = (identity: Identity, decision: Answer, reason = '') =>
    decide(around, idOf(request), { identity, decision, reason, planDigest: request.planDigest });
  return { ledger, around, cast, request: async () => (await getRequest(ledger, idOf(request)))! };
};

describe('a decision on a hold', () => {
  it('is told to the run with who and why, and leaves the approval of its plan alone', async () => {
    const { cast, ledger, request } = await holding({ quorum: 2 });
    await cast(bySlack('UADA0001'), 'resume', 'three tenants are known to be broken');
    expect(sent()).toEqual([]);
    await cast(byMail('Berta'), 'resume');
    expect(sent()).toEqual([{ decision: 'resume', by: 'Ada, Berta', reason: 'three tenants are known to be broken' }]);
    expect(await request()).toMatchObject({
      outcome: { decision: 'resume' },
      deliveredAt: at('09:30:00').toISOString(),
    });
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ outcome: null, votes: [] });
  });

  it('lets what was paused go on before the run hears of it, but not what was paused since', async () => {
    const { cast, ledger } = await holding();
    await setControl(ledger, 'run-1', { state: 'paused', by: 'Ada', reason: 'slow', at: at('09:00:00').toISOString() });
    await cast(byMail('Berta'), 'resume', 'fast again');
    expect(await controlOf(ledger, 'run-1')).toMatchObject({ state: 'going', by: 'Berta', reason: 'fast again' });

    const later = await holding();
    const pause = { state: 'paused', by: 'Ada', reason: 'slow', at: at('09:45:00').toISOString() } as const;
    await setControl(later.ledger, 'run-1', pause);
    await later.cast(byMail('Berta'), 'resume');
    expect(await controlOf(later.ledger, 'run-1')).toEqual(pause);
  });

  it.each([
    ['abandon', 'wrong bundle'],
    ['revert', 'to be reverted: wrong bundle'],
  ] as const)('to %s lets no step of the run begin anything more', async (answer, reason) => {
    const { cast, ledger } = await holding();
    await cast(byMail('Berta'), answer, 'wrong bundle');
    expect(await controlOf(ledger, 'run-1')).toMatchObject({ state: 'abandoned', by: 'Berta', reason });
    expect(sent()).toEqual([{ decision: answer, by: 'Berta', reason: 'wrong bundle' }]);
  });

  it('that nobody has made in time is to abandon', async () => {
    const { around, ledger } = await holding();
    const expired = await changeRequest(ledger, 'run-1#1', (it) => ({
      ...it,
      outcome: { decision: 'expired', at: at('10:00:00').toISOString() },
    }));
    await tell(around, expired!);
    expect(sent()).toEqual([
      { decision: 'abandon', by: 'nobody', reason: 'nobody decided before 2026-01-05T10:00:00.000Z' },
    ]);
    expect(await controlOf(ledger, 'run-1')).toMatchObject({ state: 'abandoned', by: 'nobody' });
  });

  it('survives the death of the function between writing and sending, and is sent once', async () => {
    const { cast, request } = await holding();
    sfn.on(SendTaskSuccessCommand).rejectsOnce(new Error('killed')).resolves({});
    await expect(cast(byMail('Ada'), 'resume')).rejects.toMatchObject({ name: 'OutcomeNotSent' });
    expect(await request()).toMatchObject({ outcome: { decision: 'resume' }, deliveredAt: null });
    expect(await cast(byMail('Berta'), 'abandon', 'no')).toMatchObject({ refusal: { code: 'AlreadyDecided' } });
    expect(await cast(byMail('Ada'), 'resume')).toMatchObject({ result: 'repeated', delivery: null });
    expect(sent().map(({ decision }) => decision)).toEqual(['resume', 'resume']);
    expect((await request()).deliveredAt).not.toBeNull();
  });

  it('of a hundred at once in three channels is one, told once', async () => {
    const { cast, request, ledger } = await holding({ quorum: 2 });
    let answered = 0;
    sfn.on(SendTaskSuccessCommand).callsFake(() => {
      answered += 1;
      if (answered > 1) throw Object.assign(new Error('answered'), { name: 'TaskTimedOut' });
      return {};
    });
    const people: Identity[] = [bySlack('UADA0001'), byMail('Berta'), byIam('user/berta', 'iam'), byMail('Cleo')];
    const answers: Answer[] = ['resume', 'revert', 'abandon', 'resume', 'revert'];
    const said = await Promise.all(
      Array.from({ length: 100 }, (_, n) => cast(people[n % 4]!, answers[n % 5]!, 'at once').catch((error) => error)),
    );
    const { outcome, deliveredAt, votes } = await request();
    expect(outcome).not.toBeNull();
    expect(deliveredAt).not.toBeNull();
    const first = JSON.parse(String(sfn.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input.output));
    expect(first.decision).toBe(outcome?.decision);
    const deciding = votes.filter(({ decision, withdrawnAt }) => decision === outcome?.decision && !withdrawnAt);
    expect(deciding).toHaveLength(outcome?.decision === 'abandon' ? 1 : 2);
    for (const it of said) expect(it.name ?? it.result).toMatch(/^(counted|repeated|refused|RequestContended)$/);
    const { state } = await controlOf(ledger, 'run-1');
    expect(state).toBe(outcome?.decision === 'resume' ? 'going' : 'abandoned');
    expect(sfn.commandCalls(SendTaskFailureCommand)).toEqual([]);
  });
});

it('is listed with the other requests, and by its run', async () => {
  const { ledger } = await holding();
  await openRequest(ledger, held({ hold: rollout({ number: 2 }), createdAt: '2026-01-05T09:20:00.000Z' }));
  await openRequest(ledger, held({ run: 'run-10' }));
  expect((await holdsOf(ledger, 'run-1')).map(idOf)).toEqual(['run-1#2', 'run-1#1']);
  expect((await newestRequests(ledger, 10)).map(idOf)).toEqual(['run-1#2', 'run-10#1', 'run-1#1', 'run-1']);
});
