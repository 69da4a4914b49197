import {
  ConfirmSubscriptionCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { type Clock, realClock } from '../../../lib/local/clock.ts';
import { sns } from '../../../lib/local/sns/sns.ts';
import { listening, place } from '../cloud-harness.ts';

const opened = async (clock: Clock = realClock) => {
  const notified: { functionArn: string; event: object }[] = [];
  const it = sns({ place, clock, notify: (functionArn, event) => notified.push({ functionArn, event }) });
  const topic = it.topics.create('approvals');
  const client = new SNSClient(await listening({ sns: it.service }));
  const publish = (input: object) =>
    client.send(new PublishCommand({ TopicArn: topic.arn, Message: 'hello', ...input }));
  const ask = (Protocol: string, Endpoint: string, Attributes?: Record<string, string>) =>
    client.send(new SubscribeCommand({ TopicArn: topic.arn, Protocol, Endpoint, Attributes }));
  const confirm = async (more = {}) => {
    const Token = it.inbox.messages().findLast(({ confirmation }) => confirmation)!.confirmation!.token;
    return client.send(new ConfirmSubscriptionCommand({ TopicArn: topic.arn, Token, ...more }));
  };
  const subscribe = async (...asked: Parameters<typeof ask>) => {
    const answer = await ask(...asked);
    return asked[0] === 'lambda' ? answer : confirm();
  };
  /** Without what asks for a confirmation. */
  const messages = () => it.inbox.messages().filter(({ confirmation }) => !confirmation);
  const received = () => messages().map(({ to, subject, body }) => [to?.endpoint ?? null, subject, body]);
  const list = async () =>
    (await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic.arn }))).Subscriptions ?? [];
  return {
    ...{ client, topic, publish, ask, confirm, subscribe, messages, received, list, notified },
    inbox: it.inbox,
  };
};

it('delivers a message to every subscriber', async () => {
  const { publish, subscribe, received } = await opened();
  await subscribe('email', 'a@example.com');
  await subscribe('https', 'https://example.com/hook');
  await publish({ Subject: 'Approve 7', Message: 'line <1> & "2"\nline 2' });
  expect(received()).toEqual([
    ['a@example.com', 'Approve 7', 'line <1> & "2"\nline 2'],
    ['https://example.com/hook', 'Approve 7', 'line <1> & "2"\nline 2'],
  ]);
});

it('remembers a message that nobody subscribes to', async () => {
  const { publish, received } = await opened();
  await publish({});
  expect(received()).toEqual([[null, undefined, 'hello']]);
});

it('tells listeners of messages until they leave', async () => {
  const { publish, inbox } = await opened();
  const heard: string[] = [];
  const leave = inbox.on(({ body }) => heard.push(body));
  await publish({ Message: 'one' });
  leave();
  await publish({ Message: 'two' });
  expect(heard).toEqual(['one']);
});

it.each([
  ['{"approver":["anna"]}', true],
  ['{"approver":["bert"]}', false],
  ['{"approver":[{"prefix":"an"}],"risk":[{"numeric":[">",2,"<=",3]}]}', true],
  ['{"risk":[{"numeric":["<",3]}]}', false],
  ['{"approver":[{"anything-but":["bert"]}]}', true],
  ['{"missing":[{"exists":false}]}', true],
  ['{"$or":[{"risk":[9]},{"approver":["anna"]}]}', true],
  ['{"approvers":["bert"]}', true],
  ['{"approvers":[7]}', true],
  ['{"approvers":["carl"]}', false],
  ['{"approvers":[{"anything-but":["anna"]}]}', true],
])('filters by message attributes: %s is %s', async (FilterPolicy, passes) => {
  const { publish, subscribe, received } = await opened();
  await subscribe('email', 'a@example.com', { FilterPolicy });
  await publish({
    MessageAttributes: {
      approver: { DataType: 'String', StringValue: 'anna' },
      risk: { DataType: 'Number', StringValue: '3' },
      approvers: { DataType: 'String.Array', StringValue: '["anna","bert",7,null]' },
    },
  });
  expect(received().map(([to]) => to)).toEqual([passes ? 'a@example.com' : null]);
});

it('filters by the body where the subscription says so', async () => {
  const { publish, subscribe, received } = await opened();
  const scope = { FilterPolicyScope: 'MessageBody' };
  await subscribe('email', 'a@example.com', { FilterPolicy: '{"run":{"state":["FAILED"]}}', ...scope });
  await publish({ Message: '{"run":{"state":"FAILED"}}' });
  await publish({ Message: 'not JSON' });
  expect(received().map(([to]) => to)).toEqual(['a@example.com', null]);
});

it.each([
  ['it could not apply', '{"ip":[{"cidr":"10.0.0.0/8"}]}'],
  ['is not JSON', '{'],
  ['has more than five keys', '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}'],
  ['has more than 150 combinations', JSON.stringify({ a: [...'abcdefghijklm'], b: [...'abcdefghijkl'] })],
  ['nests, but is about attributes', '{"a":{"b":[1]}}'],
])('refuses a filter that %s', async (_, FilterPolicy) => {
  const { subscribe } = await opened();
  await expect(subscribe('email', 'a@example.com', { FilterPolicy })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

it('sends each protocol its own text', async () => {
  const { publish, subscribe, received } = await opened();
  await subscribe('email', 'a@example.com');
  await subscribe('https', 'https://example.com');
  await publish({ MessageStructure: 'json', Message: JSON.stringify({ default: 'short', email: 'long' }) });
  expect(received().map(([, , body]) => body)).toEqual(['long', 'short']);
});

it('calls functions with an SNS event', async () => {
  const { publish, subscribe, notified, topic } = await opened();
  await subscribe('lambda', 'arn:aws:lambda:us-east-1:000000000000:function:f');
  await publish({ Subject: 's', MessageAttributes: { a: { DataType: 'String', StringValue: '1' } } });
  expect(notified).toMatchObject([
    {
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      event: {
        Records: [
          {
            Sns: {
              TopicArn: topic.arn,
              Subject: 's',
              Message: 'hello',
              MessageAttributes: { a: { Type: 'String', Value: '1' } },
            },
          },
        ],
      },
    },
  ]);
});

it.each([
  ['a subject with a line break', { Subject: 'a\nb' }],
  ['a subject of more than 100 characters', { Subject: 'x'.repeat(101) }],
  ['an empty message', { Message: '' }],
  ['a message of more than 256 KiB', { Message: 'x'.repeat(256 * 1024 + 1) }],
  ['JSON without a default', { MessageStructure: 'json', Message: '{"email":"x"}' }],
  ['JSON that is none', { MessageStructure: 'json', Message: '{' }],
])('refuses %s', async (_, input) => {
  const { publish, received } = await opened();
  await expect(publish(input)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  expect(received()).toEqual([]);
});

it('refuses a topic that does not exist', async () => {
  const { publish } = await opened();
  await expect(publish({ TopicArn: 'arn:aws:sns:us-east-1:000000000000:other' })).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

it('tells what topics and subscriptions there are', async () => {
  const { client, topic, subscribe, list } = await opened();
  const { SubscriptionArn } = await subscribe('email', 'a@example.com');
  expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: topic.arn }]);
  const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn: topic.arn }));
  expect(Attributes?.SubscriptionsConfirmed).toBe('1');
  expect(await list()).toMatchObject([{ SubscriptionArn, Protocol: 'email', Endpoint: 'a@example.com' }]);
  await client.send(new UnsubscribeCommand({ SubscriptionArn }));
  expect(await list()).toEqual([]);
});
