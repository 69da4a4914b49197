import { array, assert, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ballot, cast, expire } from '../../../lib/approval/cast.ts';
import { type ApprovalRequest, outcomeSentence } from '../../../lib/ledger/request.ts';
import { anybodyByIam, type Identity } from '../../../lib/policy/approval-policy.ts';
import { asked, at, byIam, byMail, bySlack, policy } from '../request.ts';
import { held, rollout } from './held.ts';

const noon = at('09:30:00');
const ballot = (identity: Identity, decision: Ballot['decision'], more: Partial<Ballot> = {}): Ballot => ({
  ...{ decision, identity, reason: '', planDigest: held().planDigest },
  ...more,
});
const ADA = bySlack('UADA0001');
const BERTA = bySlack('UBERTA01');

const having = (request: ApprovalRequest, ...ballots: Ballot[]): ApprovalRequest =>
  ballots.reduce((now, it) => {
    const result = cast(now, it, noon);
    return 'request' in result ? result.request : now;
  }, request);

const refusalOf = (request: ApprovalRequest, it: Ballot, now = noon): string | undefined => {
  const result = cast(request, it, now);
  return result.result === 'refused' ? result.refusal.code : undefined;
};

describe('what becomes of a rollout', () => {
  it.each(['resume', 'revert'] as const)('is to %s once the quorum says so', (answer) => {
    const request = held({ quorum: 2 });
    const one = having(request, ballot(ADA, answer, { reason: 'known' }));
    expect(one.outcome).toBeNull();
    expect(having(one, ballot(BERTA, answer)).outcome).toEqual({ decision: answer, at: noon.toISOString() });
  });

  it('is not decided by two who say different things', () => {
    const request = having(held({ quorum: 2 }), ballot(ADA, 'resume'), ballot(BERTA, 'revert'));
    expect(request.outcome).toBeNull();
    expect(having(request, ballot(byMail('Cleo'), 'revert')).outcome?.decision).toBe('revert');
  });

  it('is to abandon if one says so and why, whoever of the policy it is and however they prove it', () => {
    const strict = held({ quorum: 2, policy: policy({ mailLinkIsEnough: false }), approvers: ['Ada'] });
    expect(refusalOf(strict, ballot(byMail('Cleo'), 'abandon'))).toBe('ReasonNeeded');
    const { outcome } = having(strict, ballot(byMail('Cleo'), 'abandon', { reason: 'wrong bundle' }));
    expect(outcome?.decision).toBe('abandon');
  });

  it('may be ended by who started the run, who does not count for anything else', () => {
    const starter = byIam('assumed-role/Ci/job');
    expect(refusalOf(held(), ballot(starter, 'resume'))).toBe('UnknownPerson');
    const ended = having(held(), ballot(starter, 'abandon', { reason: 'mine was wrong' }));
    expect(ended.votes).toMatchObject([{ by: (starter as { arn: string }).arn, decision: 'abandon' }]);
    const barred = held({ approvers: ['Berta'], barred: [{ person: 'Ada', because: 'started the run' }] });
    for (const answer of ['resume', 'revert'] as const) expect(refusalOf(barred, ballot(ADA, answer))).toBe('FourEyes');
    expect(having(barred, ballot(ADA, 'abandon', { reason: 'x' })).outcome?.decision).toBe('abandon');
  });

  it('lets nobody approve, and a plan nobody resume', () => {
    for (const answer of ['approved', 'rejected'] as const)
      expect(refusalOf(held(), ballot(ADA, answer, { reason: 'x' }))).toBe('NotOffered');
    const { planDigest } = asked();
    for (const answer of ['resume', 'revert', 'abandon'] as const)
      expect(refusalOf(asked(), ballot(ADA, answer, { planDigest, reason: 'x' }))).toBe('NotOffered');
  });

  it('can’t be to revert where a migration has no down file', () => {
    const request = held({ hold: rollout({ canRevert: false, withoutDown: ['002_drop.sql'] }) });
    expect(cast(request, ballot(ADA, 'revert'), noon)).toMatchObject({
      refusal: {
        code: 'NotOffered',
        sentence: 'What this run applied can’t be taken back: 002_drop.sql has no down file. Resume or abandon it.',
      },
    });
  });

  it('takes more proof than a link in a mail where the policy says so, and breaks no glass', () => {
    const strict = held({ policy: policy({ mailLinkIsEnough: false }) });
    expect(refusalOf(strict, ballot(byMail('Ada'), 'resume'))).toBe('LowAssurance');
    const dora = byIam('assumed-role/Admin/dora@example.com');
    expect(refusalOf(held(), ballot(dora, 'resume', { breakGlass: true, reason: 'x'.repeat(30) }))).toBe(
      'NoBreakGlass',
    );
  });

  it('is abandoned after all by who had hoped, in one step; anything else is withdrawn first', () => {
    const hoping = having(held({ quorum: 2 }), ballot(ADA, 'resume'));
    expect(refusalOf(hoping, ballot(ADA, 'revert'))).toBe('VotedOtherwise');
    const ended = having(hoping, ballot(ADA, 'abandon', { reason: 'it is worse' }));
    expect(ended).toMatchObject({
      outcome: { decision: 'abandon' },
      votes: [{ decision: 'resume', withdrawnAt: noon.toISOString() }, { decision: 'abandon' }],
    });
    const again = having(hoping, ballot(ADA, 'withdrawn'), ballot(ADA, 'revert'));
    expect(again.votes.map(({ decision }) => decision)).toEqual(['resume', 'revert']);
  });

  it('is decided on as it was shown, in time, and once', () => {
    expect(refusalOf(held(), ballot(ADA, 'resume', { planDigest: 'f'.repeat(64) }))).toBe('OtherPlan');
    expect(refusalOf(held(), ballot(ADA, 'resume'), at('10:00:00'))).toBe('TooLate');
    const done = having(held(), ballot(ADA, 'resume'));
    expect(cast(done, ballot(ADA, 'resume'), noon).result).toBe('repeated');
    expect(refusalOf(done, ballot(BERTA, 'abandon', { reason: 'x' }))).toBe('AlreadyDecided');
    expect(outcomeSentence(expire(held(), at('10:00:00'))!)).toBe('expired: nobody decided in time');
  });

  it('is anybody’s whom IAM lets ask, and nobody else’s, where no policy names people', () => {
    const open = held({ policy: anybodyByIam, approvers: [], quorum: 1 });
    for (const identity of [byMail('Ada'), ADA])
      expect(refusalOf(open, ballot(identity, 'resume'))).toBe('UnknownPerson');
    const me = byIam('user/me', 'iam');
    expect(having(open, ballot(me, 'revert', { reason: 'slow' }))).toMatchObject({
      outcome: { decision: 'revert' },
      votes: [{ by: (me as { arn: string }).arn }],
    });
  });

  it('has, of whatever is said in whatever order, an outcome only of the quorum’s, or of one that ends it', () => {
    const said = record({
      decision: constantFrom<Ballot['decision']>('resume', 'revert', 'abandon', 'withdrawn', 'approved', 'rejected'),
      identity: constantFrom<Identity>(ADA, BERTA, byMail('Cleo'), byMail('Nobody'), byIam('user/berta', 'iam')),
      reason: constantFrom('', 'because'),
    });
    assert(
      property(array(said, { maxLength: 12 }), (all) => {
        const { outcome, votes } = having(
          held({ quorum: 2 }),
          ...all.map((it) => ballot(it.identity, it.decision, it)),
        );
        const standing = votes.filter(({ withdrawnAt }) => withdrawnAt === undefined);
        const people = (answer: string) =>
          new Set(standing.filter((it) => it.decision === answer).map(({ by }) => by)).size;
        if (outcome === null)
          expect([people('resume') < 2, people('revert') < 2, people('abandon')]).toEqual([true, true, 0]);
        else if (outcome.decision === 'abandon') expect(people('abandon')).toBe(1);
        else expect(people(outcome.decision)).toBe(2);
      }),
    );
  });
});
