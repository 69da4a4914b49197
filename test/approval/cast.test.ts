import { array, assert, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ballot, cast, expire } from '../../lib/approval/cast.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import type { Identity } from '../../lib/policy/approval-policy.ts';
import { asked, at, byIam, byMail, bySlack, policy } from './request.ts';

const noon = at('09:30:00');
const ballot = (identity: Identity, more: Partial<Ballot> = {}): Ballot => ({
  decision: 'approved',
  identity,
  reason: '',
  planDigest: asked().planDigest,
  ...more,
});

/** Casts one after another, and gives the request that comes of it. */
const having = (request: ApprovalRequest, ...ballots: Ballot[]): ApprovalRequest =>
  ballots.reduce((now, it) => {
    const result = cast(now, it, noon);
    return 'request' in result ? result.request : now;
  }, request);

const refusalOf = (request: ApprovalRequest, it: Ballot, now = noon): string | undefined => {
  const result = cast(request, it, now);
  return result.result === 'refused' ? result.refusal.code : undefined;
};

describe('a ballot', () => {
  it('approves once the quorum is reached, and records who, how and with what proof', () => {
    const { outcome, votes } = having(asked(), ballot(bySlack('UADA0001'), { reason: ' as agreed ' }));
    expect(outcome).toEqual({ decision: 'approved', at: noon.toISOString() });
    expect(votes).toEqual([
      {
        decision: 'approved',
        by: 'Ada',
        reason: 'as agreed',
        at: noon.toISOString(),
        channel: 'slack',
        assurance: 'high',
        identity: 'slack T0001/UADA0001',
      },
    ]);
  });

  it('counts a quorum in people, not in channels: the same person by mail, Slack and IAM is one', () => {
    const high = asked({ risk: 'high', quorum: 2 });
    const thrice = having(
      high,
      ballot(byMail('Ada')),
      ballot(bySlack('UADA0001')),
      ballot(byIam('assumed-role/Ada/one')),
      ballot(byIam('assumed-role/Ada/two')),
    );
    expect([thrice.outcome, thrice.votes.length]).toEqual([null, 1]);
    expect(having(thrice, ballot(byMail('Berta'))).outcome?.decision).toBe('approved');
  });

  it('is refused to who started the run, by whatever channel, and to the authors of its commits', () => {
    const request = asked({
      approvers: ['Berta'],
      barred: [
        { person: 'Ada', because: 'started the run' },
        { person: 'Cleo', because: 'wrote one of its commits' },
      ],
    });
    const own = [byMail('Ada'), bySlack('UADA0001'), byIam('assumed-role/Ada/any-session'), byMail('Cleo')];
    expect(own.map((identity) => refusalOf(request, ballot(identity)))).toEqual(Array(4).fill('FourEyes'));
  });

  it('is refused to people whom the rule does not name, and to identities that belong to nobody', () => {
    expect(refusalOf(asked(), ballot(byIam('assumed-role/Admin/dora@example.com')))).toBe('NotAnApprover');
    const strangers = [
      bySlack('UADA0001', 'T9999'),
      bySlack('UNOBODY1'),
      byMail('Eve'),
      byIam('assumed-role/Other/Ada'),
      byIam('user/ada', 'iam'),
    ];
    expect(strangers.map((identity) => refusalOf(asked(), ballot(identity)))).toEqual(Array(5).fill('UnknownPerson'));
  });

  it('by a link in a mail does not approve where that is not enough, but rejects', () => {
    const strict = asked({ policy: policy({ mailLinkIsEnough: false }) });
    expect(refusalOf(strict, ballot(byMail('Ada')))).toBe('LowAssurance');
    expect(having(strict, ballot(byMail('Ada'), { decision: 'rejected', reason: 'no' })).outcome?.decision).toBe(
      'rejected',
    );
  });

  it('that rejects needs a reason and decides at once', () => {
    expect(refusalOf(asked(), ballot(byMail('Ada'), { decision: 'rejected', reason: '  ' }))).toBe('ReasonNeeded');
    const high = asked({ quorum: 2 });
    const rejected = having(
      high,
      ballot(byMail('Ada')),
      ballot(byMail('Berta'), { decision: 'rejected', reason: 'not on Friday' }),
    );
    expect(rejected.outcome?.decision).toBe('rejected');
  });

  it('said again is the same answer, and said otherwise is refused until it is withdrawn', () => {
    const high = having(asked({ quorum: 2 }), ballot(byMail('Ada')));
    expect(cast(high, ballot(bySlack('UADA0001')), noon)).toEqual({ result: 'repeated', vote: high.votes[0] });
    const against = ballot(byMail('Ada'), { decision: 'rejected', reason: 'no' });
    expect(refusalOf(high, against)).toBe('VotedOtherwise');
    const withdrawn = having(high, ballot(byMail('Ada'), { decision: 'withdrawn' }));
    expect(withdrawn.votes[0]?.withdrawnAt).toBe(noon.toISOString());
    expect(having(withdrawn, against).outcome?.decision).toBe('rejected');
  });

  it('that arrives once more after it was withdrawn does not count again, and a new one does', () => {
    const high = asked({ quorum: 2 });
    const first = ballot(byMail('Ada'), { castAt: '2026-01-05T09:20:00.000Z' });
    const withdrawn = having(high, first, ballot(byMail('Ada'), { decision: 'withdrawn' }));
    expect(refusalOf(withdrawn, first)).toBe('WithdrawnSince');
    expect(having(withdrawn, { ...first, castAt: '2026-01-05T09:31:00.000Z' }).votes.length).toBe(2);
  });

  it('cannot be withdrawn after the quorum is reached, nor where there is none', () => {
    const approved = having(asked(), ballot(byMail('Ada')));
    expect(refusalOf(approved, ballot(byMail('Ada'), { decision: 'withdrawn' }))).toBe('AlreadyDecided');
    expect(refusalOf(asked(), ballot(byMail('Ada'), { decision: 'withdrawn' }))).toBe('NothingToWithdraw');
  });

  it('comes too late at the very moment of expiry', () => {
    expect(refusalOf(asked(), ballot(byMail('Ada')), at('09:59:59.999'))).toBeUndefined();
    expect(refusalOf(asked(), ballot(byMail('Ada')), at('10:00:00'))).toBe('TooLate');
    expect(expire(asked(), at('10:00:00'))?.outcome?.decision).toBe('expired');
    expect([expire(asked(), at('09:59:59')), expire(having(asked(), ballot(byMail('Ada'))), at('10:00:00'))]).toEqual([
      null,
      null,
    ]);
  });

  it('comes too late once the run was stopped', () => {
    const stopped = asked({ outcome: { decision: 'stopped', at: noon.toISOString() } });
    expect(cast(stopped, ballot(byMail('Ada')), noon)).toMatchObject({
      result: 'refused',
      refusal: {
        code: 'TooLate',
        sentence: 'The run ended before anybody decided, so nobody waits for an answer.',
      },
    });
  });

  it('on another plan is refused', () => {
    expect(refusalOf(asked(), ballot(byMail('Ada'), { planDigest: 'q'.repeat(64) }))).toBe('OtherPlan');
  });

  it('breaks the glass only for whom the policy says, by IAM, with a real reason, and is marked', () => {
    const dora = byIam('assumed-role/Admin/dora@example.com');
    const broken = { breakGlass: true, reason: 'checkout is down, on-call decided' };
    const high = asked({
      risk: 'high',
      quorum: 2,
      approvers: ['Ada', 'Berta'],
      barred: [{ person: 'Dora', because: 'started the run' }],
    });
    expect(refusalOf(high, ballot(byMail('Ada'), broken))).toBe('NoBreakGlass');
    expect(refusalOf(high, ballot(dora, { ...broken, reason: 'urgent' }))).toBe('ReasonNeeded');
    expect(refusalOf({ ...high, policy: policy({ breakGlass: { by: ['Ada'] } }) }, ballot(byMail('Ada'), broken))).toBe(
      'LowAssurance',
    );
    expect(refusalOf({ ...high, policy: policy({ breakGlass: null }) }, ballot(dora, broken))).toBe('NoBreakGlass');
    const alone = having(high, ballot(dora, broken));
    expect([alone.outcome?.decision, alone.votes[0]?.breakGlass]).toEqual(['approved', true]);
  });
});

describe('any order of ballots', () => {
  const identities = [
    byMail('Ada'),
    bySlack('UADA0001'),
    byMail('Berta'),
    bySlack('UBERTA01'),
    byMail('Cleo'),
    byIam('assumed-role/Admin/dora@example.com'),
  ];
  const anyBallot = record({
    identity: constantFrom(...identities),
    decision: constantFrom('approved', 'rejected', 'withdrawn'),
    reason: constantFrom('', 'why'),
  });

  it('approves only with enough distinct people standing by it, and nothing changes once decided', () => {
    assert(
      property(array(anyBallot, { maxLength: 12 }), constantFrom(1, 2, 3), (ballots, quorum) => {
        let request = asked({ quorum });
        for (const it of ballots) {
          const result = cast(request, ballot(it.identity, it as Partial<Ballot>), noon);
          if (request.outcome) expect('request' in result).toBe(false);
          if ('request' in result) request = result.request;
        }
        const standing = new Set(
          request.votes.filter((it) => it.decision === 'approved' && !it.withdrawnAt).map(({ by }) => by),
        );
        if (request.outcome?.decision === 'approved') expect(standing.size).toBe(quorum);
        else expect(standing.size).toBeLessThan(quorum);
      }),
    );
  });
});
