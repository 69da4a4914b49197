import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { sns } from '../../../lib/local/sns/sns.ts';
import { listening, place } from '../cloud-harness.ts';

const opened = async () => {
  const service = sns({ place, clock: realClock, notify: () => {} });
  const TopicArn = service.topics.create('approvals').arn;
  const client = new SNSClient(await listening({ sns: service.service }));
  const send = (entries: { Id: string; Message: string; [more: string]: unknown }[], topic = TopicArn) =>
    client.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: entries }));
  return { send, received: () => service.inbox.messages() };
};

it('publishes each message of a batch with its own subject and attributes, and says which could not be', async () => {
  const { send, received } = await opened();
  const MessageAttributes = { approver: { DataType: 'String', StringValue: 'anna' } };
  const { Successful, Failed } = await send([
    { Id: 'a', Message: 'one', Subject: 'First', MessageAttributes },
    { Id: 'b', Message: 'two', Subject: 'a\nb' },
  ]);
  expect(received()).toMatchObject([
    { subject: 'First', body: 'one', attributes: { approver: { type: 'String', value: 'anna' } } },
  ]);
  expect(Successful).toEqual([{ Id: 'a', MessageId: received()[0]!.id }]);
  expect(Failed).toEqual([
    { Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Subject', SenderFault: true },
  ]);
});

it.each([
  ['none', [], 'EmptyBatchRequestException'],
  [
    'eleven',
    Array.from({ length: 11 }, (_, n) => ({ Id: `${n}`, Message: 'x' })),
    'TooManyEntriesInBatchRequestException',
  ],
  ['the same id twice', [1, 2].map(() => ({ Id: 'a', Message: 'x' })), 'BatchEntryIdsNotDistinctException'],
  ['an id with a space', [{ Id: 'a b', Message: 'x' }], 'InvalidBatchEntryIdException'],
  [
    'more than 256 KiB together',
    ['a', 'b'].map((Id) => ({ Id, Message: 'x'.repeat(130 * 1024 + 1) })),
    'BatchRequestTooLongException',
  ],
])('refuses a batch of %s whole', async (_, entries, name) => {
  const { send, received } = await opened();
  await expect(send(entries)).rejects.toMatchObject({ name });
  expect(received()).toEqual([]);
});

it('refuses a batch for a topic that does not exist', async () => {
  const { send } = await opened();
  const other = 'arn:aws:sns:us-east-1:000000000000:other';
  await expect(send([{ Id: 'a', Message: 'x' }], other)).rejects.toMatchObject({ name: 'NotFoundException' });
});
