import { describe, expect, it } from 'vitest';
import { checkReach, confirmedAddresses } from '../../lib/approval/reach.ts';
import type { ApprovalPolicy } from '../../lib/policy/approval-policy.ts';
import { policy } from './request.ts';

const subscription = (Endpoint: string, SubscriptionArn: string, Protocol = 'email') => ({
  ...{ Endpoint, SubscriptionArn, Protocol },
});
const ARN = 'arn:aws:sns:eu-west-1:123456789012:topic:';

describe('the addresses that get what the topic is told', () => {
  const pages: Record<string, { Subscriptions?: object[]; NextToken?: string }> = {
    first: {
      Subscriptions: [
        subscription('Ada@Example.com', `${ARN}1`),
        subscription('berta@example.com', 'PendingConfirmation'),
        subscription('+491234', `${ARN}2`, 'sms'),
      ],
      NextToken: 'second',
    },
    second: {
      Subscriptions: [subscription('cleo@example.com', `${ARN}3`), subscription('dora@example.com', 'Deleted')],
    },
  };
  const sns = {
    send: async ({ input }: { input: { TopicArn: string; NextToken?: string } }) => pages[input.NextToken ?? 'first'],
  };

  it('are those that are confirmed, from every page, in lower case', async () => {
    const found = await confirmedAddresses(sns as never, 'arn:topic');
    expect([...found]).toEqual(['ada@example.com', 'cleo@example.com']);
  });
});

describe('an admission', () => {
  const low = (approvals: number, by = ['dba', 'Cleo']) => ({ ...policy().rules, low: { approvals, by } });
  const none = new Set<string>();
  const ada = new Set(['ada@example.com']);
  const check = (more: Partial<ApprovalPolicy>, confirmed: Set<string>) => checkReach(policy(more), confirmed);

  const thrown = (work: () => void): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return null;
  };

  it('goes on when as many hear of a request as the mildest rule asks for', () => {
    expect(check({ slack: null }, ada)).toBeUndefined();
    expect(check({ slack: null, rules: low(2) }, new Set(['ada@example.com', 'cleo@example.com']))).toBeUndefined();
  });

  it('is refused when nobody does, and says who has to confirm', () => {
    expect(thrown(() => check({ slack: null }, none))).toMatchObject({
      name: 'NobodyReachable',
      message:
        'At least 1 of those who approve must hear of the request, and nobody would. These have not confirmed their subscription, or have unsubscribed: ada@example.com, berta@example.com, cleo@example.com. Have them open the mail from AWS, or have a new one sent.',
    });
  });

  it('is refused when too few do, and says who does', () => {
    expect(thrown(() => check({ slack: null, rules: low(2) }, ada))).toMatchObject({
      message: expect.stringContaining('At least 2 of those who approve must hear of the request, and only Ada would.'),
    });
  });

  it('does not count those who are not asked', () => {
    expect(thrown(() => check({ slack: null, rules: low(1, ['Berta']) }, ada))).toMatchObject({
      name: 'NobodyReachable',
    });
  });

  it('counts who is in the channel: with the app by an identity that can decide, with a webhook everybody', () => {
    const app = policy().slack!;
    expect(check({ slack: app, rules: low(1, ['Dora']) }, none)).toBeUndefined();
    expect(() => check({ slack: app, rules: low(1, ['Cleo']) }, none)).toThrow();
    expect(check({ slack: { ...app, mode: 'webhook' }, rules: low(1, ['Cleo']) }, none)).toBeUndefined();
  });

  it('does not count an empty list of principals as an identity', () => {
    const people = [{ name: 'Ada', mail: 'ada@example.com', iam: [] }];
    expect(() => check({ people, groups: {}, rules: low(1, ['Ada']) }, none)).toThrow();
  });
});
