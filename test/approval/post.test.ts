import type { PublishCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { mailBy } from '../../lib/approval/post.ts';

describe('a mail', () => {
  const mail = { Subject: 'Started: shop production', Message: 'Anna has begun.\n' };
  const sent = async (people: string[]) => {
    const commands: unknown[] = [];
    await mailBy({ send: async (command: unknown) => void commands.push(command) } as never, 'arn:topic')(people, mail);
    return commands.map((it) => (it as PublishCommand).input);
  };

  it('to one is marked with their name, for the filter of their subscription', async () => {
    const approver = { DataType: 'String', StringValue: 'Ada "the" Byron' };
    expect(await sent(['Ada "the" Byron'])).toEqual([
      { TopicArn: 'arn:topic', ...mail, MessageAttributes: { approver } },
    ]);
  });

  it('to several is one message with all their names', async () => {
    const approver = { DataType: 'String.Array', StringValue: '["Ada \\"the\\" Byron","Berta"]' };
    expect(await sent(['Ada "the" Byron', 'Berta'])).toMatchObject([{ MessageAttributes: { approver } }]);
  });

  it('to nobody is none: without a name, subscriptions without a filter would get it', async () => {
    expect(await sent([])).toEqual([]);
  });
});
