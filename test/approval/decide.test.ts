import { SendTaskFailureCommand, SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import type { Ballot } from '../../lib/approval/cast.ts';
import { type Deciding, decide, tell } from '../../lib/approval/decide.ts';
import { changeRequest, getRequest } from '../../lib/ledger/requests.ts';
import type { Identity } from '../../lib/policy/approval-policy.ts';
import { approvalPages, TOKEN } from './harness.ts';
import { at, byIam, byMail, bySlack } from './request.ts';

const { opened, sfn, sent } = approvalPages();
const closed = (name: string) => Object.assign(new Error(`no task for ${TOKEN}`), { name });

/** A request of two approvals out of Ada, Berta and Cleo. */
const asking = async (more = {}) => {
  const pages = await opened({ request: { quorum: 2, ...more } });
  const ballot = (identity: Identity, it: Partial<Ballot> = {}): Ballot => ({
    ...{ decision: 'approved', identity, reason: '', planDigest: pages.planDigest, ...it },
  });
  const cast = (identity: Identity, it?: Partial<Ballot>, around: Partial<Deciding> = {}) =>
    decide({ ...pages.surroundings, ...around }, 'run-1', ballot(identity, it));
  return { ...pages, cast };
};

describe('a decision', () => {
  it('is written down, and told to the run once the quorum is there', async () => {
    const { cast, held } = await asking();
    expect(await cast(bySlack('UADA0001'))).toMatchObject({ result: 'counted', delivery: null });
    expect(sent()).toEqual([]);
    expect(await cast(byMail('Berta'))).toMatchObject({ result: 'counted', delivery: 'sent' });
    const output = '{"decision":"approved","at":"2026-01-05T09:30:00.000Z","by":"Ada, Berta"}';
    expect(sent()).toEqual([{ command: 'SendTaskSuccessCommand', taskToken: TOKEN, output }]);
    expect(await held()).toMatchObject({
      outcome: { decision: 'approved' },
      deliveredAt: '2026-01-05T09:30:00.000Z',
      votes: [{ by: 'Ada' }, { by: 'Berta' }],
    });
  });

  it('ends the run with its reason when it is a rejection', async () => {
    const { cast } = await asking();
    await cast(byMail('Ada'), { decision: 'rejected', reason: ' not on a Friday ' });
    expect(sent()).toEqual([
      { command: 'SendTaskFailureCommand', taskToken: TOKEN, error: 'Rejected', cause: 'Ada: not on a Friday' },
    ]);
  });

  it('tells the run nothing twice that is said twice', async () => {
    const { cast } = await asking({ quorum: 1 });
    await cast(byMail('Ada'));
    expect(await cast(byMail('Ada'))).toMatchObject({ result: 'repeated', delivery: null });
    expect(await cast(byMail('Berta'))).toMatchObject({ result: 'refused', refusal: { code: 'AlreadyDecided' } });
    expect(sent()).toHaveLength(1);
  });

  it('is none where the run asks nobody', async () => {
    const { surroundings, planDigest } = await asking();
    const ballot: Ballot = { decision: 'approved', identity: byMail('Ada'), reason: '', planDigest };
    expect(await decide(surroundings, 'run-2', ballot)).toBeUndefined();
  });

  it('is told to others, whose trouble is not its own', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { cast } = await asking();
    const changed = vi.fn().mockRejectedValue(new Error('Slack is down'));
    expect(await cast(byMail('Ada'), {}, { changed })).toMatchObject({ result: 'counted' });
    await cast(byMail('Ada'), {}, { changed });
    expect(changed).toHaveBeenCalledOnce();
    expect(changed.mock.calls[0]?.[0]).toMatchObject({ run: 'run-1', votes: [{ by: 'Ada' }] });
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
  });
});

describe('a hundred clicks at once', () => {
  it('by three people in three channels, for and against, come to one outcome that is told once', async () => {
    const { cast, held } = await asking({ quorum: 1 });
    let told = 0;
    sfn.on(SendTaskSuccessCommand).callsFake(() => answerOnce());
    sfn.on(SendTaskFailureCommand).callsFake(() => answerOnce());
    sfn.on(SendTaskHeartbeatCommand).callsFake(() => {
      if (told > 0) throw closed('TaskTimedOut');
      return {};
    });
    const answerOnce = () => {
      told += 1;
      if (told > 1) throw closed('TaskTimedOut');
      return {};
    };
    const who = [byMail('Ada'), bySlack('UBERTA01'), byIam('user/berta', 'iam'), byMail('Cleo'), bySlack('UADA0001')];
    const clicks = Array.from({ length: 100 }, (_, n) =>
      cast(who[n % who.length]!, n % 3 === 0 ? { decision: 'rejected', reason: 'no' } : {}),
    );
    const answers = await Promise.all(clicks);
    const { outcome, votes, deliveredAt } = await held();
    expect([votes.length, deliveredAt]).toEqual([1, '2026-01-05T09:30:00.000Z']);
    expect(answers.filter((it) => it?.result === 'counted')).toHaveLength(1);
    expect(new Set(answers.map((it) => it?.request.outcome?.decision))).toEqual(new Set([outcome?.decision]));
    expect(new Set(answers.map((it) => it?.refusal?.code))).toEqual(new Set([undefined, 'AlreadyDecided']));
    expect(new Set(sent().map(({ command }) => command)).size).toBe(1);
  });
});

describe('a crash between writing and telling', () => {
  it('is made good by the next click, whatever it wants, and only once', async () => {
    const { cast, held } = await asking({ quorum: 1 });
    sfn.on(SendTaskSuccessCommand).rejectsOnce(closed('ThrottlingException')).resolves({});
    const failed = cast(byMail('Ada'));
    await expect(failed).rejects.toThrow(
      'run-1 is approved by Ada, and that holds, but the run could not be told: ThrottlingException.',
    );
    await failed.catch((error) => expect(error.message).not.toContain(TOKEN));
    expect(await held()).toMatchObject({ outcome: { decision: 'approved' }, deliveredAt: null });
    expect(await cast(byMail('Berta'), { decision: 'rejected', reason: 'no' })).toMatchObject({
      result: 'refused',
      delivery: 'sent',
    });
    await cast(byMail('Ada'));
    expect([sent().length, (await held()).deliveredAt]).toEqual([2, '2026-01-05T09:30:00.000Z']);
  });

  it('after which the run has heard it already, but it was not noted, changes nothing', async () => {
    const { cast, held, surroundings } = await asking({ quorum: 1 });
    const { client } = surroundings.table;
    const dying = (command: PutCommand) =>
      command instanceof PutCommand && command.input.Item?.deliveredAt
        ? Promise.reject(new Error('the function was killed'))
        : client.send(command as never);
    const table = { name: surroundings.table.name, client: { send: dying as never } };
    await expect(cast(byMail('Ada'), {}, { table })).rejects.toThrow('killed');
    sfn.on(SendTaskSuccessCommand).rejects(closed('TaskDoesNotExist'));
    expect(await tell(surroundings, await held())).toMatchObject({ delivery: 'not waited for' });
    expect(await held()).toMatchObject({ outcome: { decision: 'approved' }, deliveredAt: null });
  });
});

describe('a run that waits no more', () => {
  it.each(['TaskTimedOut', 'TaskDoesNotExist'])('gets nothing recorded: it was stopped (%s)', async (name) => {
    const { cast, held } = await asking();
    const before = await held();
    sfn.on(SendTaskHeartbeatCommand).rejects(closed(name));
    expect(await cast(byMail('Ada'))).toMatchObject({ result: 'refused', refusal: { code: 'NotWaiting' } });
    expect([await held(), sent()]).toEqual([before, []]);
  });

  it('because somebody else has decided at that moment is told so', async () => {
    const { cast, surroundings } = await asking({ quorum: 1 });
    sfn.on(SendTaskHeartbeatCommand).callsFake(async () => {
      const outcome = { decision: 'approved' as const, at: at('09:30:00').toISOString() };
      await changeRequest(surroundings.table, 'run-1', (it) => ({ ...it, outcome, deliveredAt: outcome.at }));
      throw closed('TaskTimedOut');
    });
    expect(await cast(byMail('Ada'))).toMatchObject({ result: 'refused', refusal: { code: 'AlreadyDecided' } });
  });

  it('is decided all the same when it asks anew meanwhile, with another token', async () => {
    const { cast, surroundings, held } = await asking({ quorum: 1 });
    sfn.on(SendTaskHeartbeatCommand).callsFake(async ({ taskToken }) => {
      if (taskToken !== TOKEN) return {};
      await changeRequest(surroundings.table, 'run-1', (it) => ({ ...it, taskToken: 'the newer token' }));
      throw closed('TaskTimedOut');
    });
    expect(await cast(byMail('Ada'))).toMatchObject({ result: 'counted', delivery: 'sent' });
    expect(sent()).toMatchObject([{ taskToken: 'the newer token' }]);
    expect((await held()).votes).toHaveLength(1);
  });

  it('is not taken for one when nobody knows', async () => {
    const { cast, held } = await asking();
    sfn.on(SendTaskHeartbeatCommand).rejects(closed('ServiceUnavailable'));
    await expect(cast(byMail('Ada'))).rejects.toThrow(
      'whether run-1 still waits could not be found out: ServiceUnavailable',
    );
    expect((await held()).votes).toEqual([]);
  });

  it('is told what an expired request came to', async () => {
    const { surroundings } = await asking({
      outcome: { decision: 'expired', at: at('10:00:00').toISOString() },
    });
    await tell(surroundings, (await getRequest(surroundings.table, 'run-1'))!);
    expect(sent()).toMatchObject([
      { error: 'ApprovalExpired', cause: 'nobody decided before 2026-01-05T10:00:00.000Z', taskToken: TOKEN },
    ]);
  });
});
