import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { sns } from '../../../lib/local/sns/sns.ts';
import { listening, place } from '../cloud-harness.ts';

const opened = async () => {
  const clock = virtualClock();
  let address = '';
  const service = sns({ place, clock, notify: () => {}, address: () => address });
  const TopicArn = service.topics.create('approvals').arn;
  const settings = await listening({ sns: service.service });
  address = settings.endpoint;
  const client = new SNSClient(settings);
  const ask = (Endpoint = 'a@example.com', more = {}) =>
    client.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint, ...more }));
  const asked = () => service.inbox.messages().flatMap(({ confirmation }) => confirmation ?? []);
  const confirm = (more = {}) =>
    client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: asked().at(-1)!.token, ...more }));
  const list = async () =>
    (await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions!.map(
      ({ SubscriptionArn }) => SubscriptionArn,
    );
  const attributes = async (SubscriptionArn: string | undefined) =>
    (await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes!;
  const delivered = async () => {
    const before = service.inbox.messages().length;
    await client.send(new PublishCommand({ TopicArn, Message: 'approve' }));
    return service.inbox.messages()[before]!;
  };
  const counts = async () => {
    const { Attributes = {} } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    return [Attributes.SubscriptionsPending, Attributes.SubscriptionsConfirmed];
  };
  const { inbox } = service;
  return { ...{ clock, client, TopicArn, ask, asked, confirm, list, attributes, delivered, counts, inbox } };
};

it('gives nothing to a mailbox whose owner has not confirmed', async () => {
  const { ask, asked, list, counts, delivered, attributes } = await opened();
  expect((await ask()).SubscriptionArn).toBe('pending confirmation');
  expect(await list()).toEqual(['PendingConfirmation']);
  expect(await counts()).toEqual(['1', '0']);
  expect((await delivered()).to).toBeNull();
  expect(await attributes(asked()[0]!.subscriptionArn)).toMatchObject({
    PendingConfirmation: 'true',
    ConfirmationWasAuthenticated: 'false',
  });
});

it('asks by mail, and delivers once the token has come back', async () => {
  const { ask, confirm, list, counts, delivered, inbox, TopicArn } = await opened();
  await ask();
  expect(inbox.messages()[0]).toMatchObject({
    subject: 'AWS Notification - Subscription Confirmation',
    to: { protocol: 'email', endpoint: 'a@example.com' },
    body: expect.stringContaining(TopicArn),
  });
  const { SubscriptionArn } = await confirm();
  expect(SubscriptionArn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
  expect(await list()).toEqual([SubscriptionArn]);
  expect(await counts()).toEqual(['0', '1']);
  expect(await delivered()).toMatchObject({ body: 'approve', to: { endpoint: 'a@example.com' } });
});

it('tells the ARN of a subscription that is pending to those who ask for it', async () => {
  const { ask, asked } = await opened();
  const { SubscriptionArn } = await ask('a@example.com', { ReturnSubscriptionArn: true });
  expect(SubscriptionArn).toBe(asked()[0]!.subscriptionArn);
});

it('takes a token for its own topic only, and no other for a token', async () => {
  const { ask, asked, confirm, client, TopicArn, list } = await opened();
  await ask();
  const { TopicArn: other } = await client.send(new CreateTopicCommand({ Name: 'other' }));
  await expect(confirm({ TopicArn: other, Token: asked()[0]!.token })).rejects.toThrow('Invalid parameter: Token');
  for (const Token of ['', 'x', 'constructor'])
    await expect(confirm({ Token })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Token',
    });
  await expect(
    client.send(new ConfirmSubscriptionCommand({ TopicArn: `${TopicArn}2`, Token: 'x' })),
  ).rejects.toMatchObject({ name: 'NotFoundException' });
  expect(await list()).toEqual(['PendingConfirmation']);
});

it('sends another token to who is subscribed again, and lets the first be good still', async () => {
  const { ask, asked, confirm, list } = await opened();
  await ask();
  await ask();
  expect(new Set(asked().map(({ token }) => token)).size).toBe(2);
  await confirm({ Token: asked()[0]!.token });
  expect(await list()).toEqual([asked()[1]!.subscriptionArn]);
  expect((await ask()).SubscriptionArn).toBe(asked()[0]!.subscriptionArn);
  expect(asked()).toHaveLength(2);
});

it('forgets who has not confirmed within 48 hours', async () => {
  const { ask, confirm, list, clock } = await opened();
  await ask('early@example.com');
  await clock.sleep(24 * 3_600_000);
  await ask('late@example.com');
  await clock.sleep(24 * 3_600_000);
  expect(await list()).toHaveLength(1);
  await confirm();
  await clock.sleep(90 * 24 * 3_600_000);
  expect(await list()).toHaveLength(1);
});

it('confirms and ends a subscription by the links in mails', async () => {
  const { ask, asked, list, delivered } = await opened();
  await ask();
  const { url, subscriptionArn } = asked()[0]!;
  expect(await (await fetch(url)).text()).toContain(subscriptionArn);
  expect(await list()).toEqual([subscriptionArn]);
  const link = /http\S+/.exec((await delivered()).footer!)![0];
  expect((await fetch(link)).status).toBe(200);
  expect(await list()).toEqual([]);
});

it('lets no link end a subscription that was confirmed with AuthenticateOnUnsubscribe, only a signed call', async () => {
  const { ask, asked, confirm, list, delivered, client, attributes } = await opened();
  await ask();
  const { SubscriptionArn } = await confirm({ AuthenticateOnUnsubscribe: 'true' });
  expect(await attributes(SubscriptionArn)).toMatchObject({ ConfirmationWasAuthenticated: 'true' });
  // Opening the confirmation's link afterwards doesn't take that back.
  await fetch(asked()[0]!.url);
  const answer = await fetch(/http\S+/.exec((await delivered()).footer!)![0]);
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('AuthorizationError')]);
  expect(await list()).toEqual([SubscriptionArn]);
  await client.send(new UnsubscribeCommand({ SubscriptionArn }));
  expect(await list()).toEqual([]);
});

it('lets nobody ask for AuthenticateOnUnsubscribe without a signature', async () => {
  const { ask, asked, list } = await opened();
  await ask();
  expect((await fetch(`${asked()[0]!.url}&AuthenticateOnUnsubscribe=true`)).status).toBe(403);
  expect(await list()).toEqual(['PendingConfirmation']);
});

it('opens these two links to the unsigned, and nothing else, and not to other web pages', async () => {
  const { ask, asked, TopicArn } = await opened();
  await ask();
  const { url } = asked()[0]!;
  const publish = new URLSearchParams({ Action: 'Publish', TopicArn, Message: 'x' });
  expect((await fetch(`${new URL(url).origin}/?${publish}`)).status).toBe(403);
  expect((await fetch(url, { headers: { origin: 'https://evil.example.com' } })).status).toBe(403);
});

it('deletes no subscription that is pending', async () => {
  const { ask, asked, client, list } = await opened();
  await ask();
  for (const SubscriptionArn of ['PendingConfirmation', asked()[0]!.subscriptionArn])
    await expect(client.send(new UnsubscribeCommand({ SubscriptionArn }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  expect(await list()).toHaveLength(1);
});

it('asks web addresses as well, in JSON', async () => {
  const { client, TopicArn, inbox, list } = await opened();
  await client.send(new SubscribeCommand({ TopicArn, Protocol: 'https', Endpoint: 'https://example.com/hook' }));
  const { body, confirmation } = inbox.messages()[0]!;
  expect(JSON.parse(body)).toMatchObject({ Type: 'SubscriptionConfirmation', Token: confirmation!.token, TopicArn });
  await fetch(JSON.parse(body).SubscribeURL);
  expect(await list()).toEqual([confirmation!.subscriptionArn]);
});

it('refuses another filter for the same mailbox, but lets it be set', async () => {
  const { ask, confirm, client, attributes } = await opened();
  const filtered = (FilterPolicy: string) => ask('a@example.com', { Attributes: { FilterPolicy } });
  await filtered('{"approver":["anna"]}');
  const { SubscriptionArn } = await confirm();
  expect((await filtered('{"approver":["anna"]}')).SubscriptionArn).toBe(SubscriptionArn);
  await expect(filtered('{"approver":["bert"]}')).rejects.toThrow(
    'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
  );
  const set = (AttributeName: string, AttributeValue: string) =>
    client.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  await set('FilterPolicy', '{"approver":["bert"]}');
  await set('FilterPolicyScope', 'MessageBody');
  expect(await attributes(SubscriptionArn)).toMatchObject({
    FilterPolicy: '{"approver":["bert"]}',
    FilterPolicyScope: 'MessageBody',
    PendingConfirmation: 'false',
  });
  await set('FilterPolicy', '');
  expect(await attributes(SubscriptionArn)).not.toHaveProperty('FilterPolicy');
});

it('lists a hundred subscriptions a page', async () => {
  const { client, TopicArn, ask } = await opened();
  for (let n = 0; n < 101; n++) await ask(`a${n}@example.com`);
  const first = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const { NextToken } = first;
  const second = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
  expect([first.Subscriptions?.length, second.Subscriptions?.length, second.NextToken]).toEqual([100, 1, undefined]);
});
