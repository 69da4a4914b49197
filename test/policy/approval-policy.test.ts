import { describe, expect, it } from 'vitest';
import { isPrincipal, juryOf } from '../../lib/policy/approval-policy.ts';
import { ACCOUNT, policy } from '../approval/request.ts';

const starter = (resource: string, service = 'sts') => ({
  starter: `arn:aws:${service}::${ACCOUNT}:${resource}`,
  authors: [],
});

describe('who decides', () => {
  it('are the people and groups of the rule for the risk', () => {
    expect(juryOf(policy(), 'low', starter('assumed-role/Ci/job'))).toEqual({
      approvers: ['Ada', 'Berta', 'Cleo'],
      quorum: 1,
      barred: [],
    });
    expect(juryOf(policy(), 'high', starter('assumed-role/Ci/job'))).toMatchObject({
      approvers: ['Ada', 'Berta', 'Cleo', 'Dora'],
      quorum: 2,
    });
  });

  it('never is the one who started the run, as user, as role or as any session of it', () => {
    const barred = ({ starter }: { starter: string }) =>
      juryOf(policy(), 'high', { starter, authors: [] }).barred.map(({ person }) => person);
    expect(barred(starter('assumed-role/Ada/whatever'))).toEqual(['Ada']);
    expect(barred(starter('user/berta', 'iam'))).toEqual(['Berta']);
    expect(barred(starter('assumed-role/Admin/dora@example.com'))).toEqual(['Dora']);
    expect(barred(starter('assumed-role/Admin/somebody@example.com'))).toEqual([]);
  });

  it('never are the authors of its commits, by mail or by what CI calls them, however it is written', () => {
    const { approvers, barred } = juryOf(policy(), 'low', {
      ...starter('assumed-role/Ci/job'),
      authors: ['ADA@example.com ', 'cleo-codes'],
    });
    expect([approvers, barred.map(({ because }) => because)]).toEqual([
      ['Berta'],
      Array(2).fill('wrote one of its commits'),
    ]);
  });

  it('are one more where nobody knows who started it', () => {
    expect(juryOf(policy(), 'low', { starter: null, authors: [] }).quorum).toBe(2);
    expect(juryOf(policy({ fourEyes: false }), 'low', { starter: null, authors: ['ada@example.com'] })).toMatchObject({
      quorum: 1,
      barred: [],
    });
  });
});

describe('a principal', () => {
  it('is a role in any of its sessions, whatever the path, and no other role or account', () => {
    const role = `arn:aws:iam::${ACCOUNT}:role/team/Ada`;
    expect(isPrincipal(role, `arn:aws:sts::${ACCOUNT}:assumed-role/Ada/s`)).toBe(true);
    const others = ['assumed-role/Adam/s', 'assumed-role/team/Ada', 'assumed-role/Ad/a'].map(
      (it) => `arn:aws:sts::${ACCOUNT}:${it}`,
    );
    expect(
      [
        ...others,
        'arn:aws:sts::999999999999:assumed-role/Ada/s',
        `arn:aws-cn:sts::${ACCOUNT}:assumed-role/Ada/s`,
      ].filter((it) => isPrincipal(role, it)),
    ).toEqual([]);
  });

  it('is a session only in that session, and a user only as that user', () => {
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/Admin/dora@example.com`;
    expect([
      isPrincipal(session, session),
      isPrincipal(session, `${session}x`),
      isPrincipal(session, session.replace('dora', 'eve')),
    ]).toEqual([true, false, false]);
    expect(isPrincipal(`arn:aws:iam::${ACCOUNT}:user/berta`, `arn:aws:iam::${ACCOUNT}:user/bertas`)).toBe(false);
  });
});
