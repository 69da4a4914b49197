import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { brokenBy, tellBrokenGlass } from '../../lib/approval/glass.ts';
import type { Mail } from '../../lib/approval/mail.ts';
import type { Vote } from '../../lib/ledger/request.ts';
import { asked, at, byIam } from './request.ts';

const vote: Vote = {
  ...{ decision: 'approved', by: 'Dora', reason: 'checkout is down for everybody', at: at('09:30:00').toISOString() },
  ...{ channel: 'iam', assurance: 'high', identity: (byIam('x') as { arn: string }).arn, breakGlass: true },
};
const broken = asked({ quorum: 2, votes: [vote] });

const told = async (refuse: { mail?: boolean; say?: boolean } = {}) => {
  const mails: { people: string[]; mail: Mail }[] = [];
  const said: string[] = [];
  const lines: string[] = [];
  const post = {
    mail: async (people: string[], mail: Mail) => {
      if (refuse.mail) throw new Error('no mail today');
      await setImmediate();
      mails.push({ people, mail });
    },
    say: async (text: string) => {
      if (refuse.say) throw new Error('no Slack today');
      await setImmediate();
      said.push(text);
    },
  };
  const failure = await tellBrokenGlass(post, broken, vote, (line) => lines.push(line)).then(
    () => null,
    ({ message }: Error) => message as string,
  );
  return { mails, said, lines, failure };
};

describe('a broken glass', () => {
  it('is found by its vote, unless that was withdrawn', () => {
    expect(brokenBy(broken)).toBe(vote);
    expect(brokenBy(asked({ votes: [{ ...vote, withdrawnAt: vote.at }] }))).toBeUndefined();
    const { breakGlass, ...ordinary } = vote;
    expect(brokenBy(asked({ votes: [ordinary] }))).toBeUndefined();
  });

  it("counts in CloudWatch, by a line in the embedded metric format, under the alarm's dimensions", async () => {
    const { lines } = await told();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      _aws: {
        Timestamp: at('09:30:00').getTime(),
        CloudWatchMetrics: [
          { Namespace: 'Lockstep', Dimensions: [['service', 'environment']], Metrics: [{ Name: 'GlassBroken' }] },
        ],
      },
      ...{ service: 'shop', environment: 'production', run: 'run-1', by: 'Dora', GlassBroken: 1 },
    });
  });

  it('is told to everybody who has a mail address, and in Slack', async () => {
    const { mails, said } = await told();
    expect(mails).toMatchObject([
      {
        people: ['Ada', 'Berta', 'Cleo'],
        mail: {
          Subject: 'GLASS BROKEN: shop production, by Dora',
          Message: expect.stringContaining('without the 2 approvals that the policy asks for'),
        },
      },
    ]);
    expect(mails[0]!.mail.Message).toContain('Reason: checkout is down for everybody\n');
    expect(said).toEqual([
      'Dora has let run run-1 of shop go ahead in production alone: checkout is down for everybody',
    ]);
  });

  it('is told by the other ways when one fails, and counts in any case', async () => {
    const silent = await told({ mail: true });
    expect([silent.said.length, silent.lines.length, silent.failure]).toEqual([1, 1, 'no mail today']);
    const slackless = await told({ say: true });
    expect([slackless.mails.length, slackless.lines.length, slackless.failure]).toEqual([1, 1, 'no Slack today']);
  });
});
