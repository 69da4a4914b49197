import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Message } from './inbox.ts';
import type { Subscription } from './subscriptions.ts';

/** What SNS sends to an endpoint before anything else. The link confirms, whoever opens it. */
export const confirmationMessage = (
  { arn, topicArn, protocol, endpoint }: Subscription,
  token: string,
  clock: Clock,
  address: string,
): Message => {
  const id = randomUUID();
  const at = clock.now();
  const url = link(address, { Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token });
  const mail = protocol === 'email';
  return {
    ...{ id, at, topicArn, attributes: {}, to: { protocol, endpoint } },
    ...(mail ? { subject: 'AWS Notification - Subscription Confirmation' } : {}),
    body: mail ? text(topicArn, url) : document({ id, at, topicArn, token, url }),
    confirmation: { subscriptionArn: arn, token, url },
  };
};

/** What stands beneath every mail. Whoever gets the mail, forwarded even, can end the subscription with it. */
export const unsubscribeFooter = ({ arn, endpoint }: Subscription, address: string): string =>
  [
    '--',
    'If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:',
    link(address, { Action: 'Unsubscribe', SubscriptionArn: arn, Endpoint: endpoint }),
  ].join('\n');

const text = (topicArn: string, url: string) =>
  [
    'You have chosen to subscribe to the topic:',
    topicArn,
    '',
    'To confirm this subscription, click or visit the link below (If this was in error no action is necessary):',
    url,
  ].join('\n');

const document = (it: { id: string; at: Date; topicArn: string; token: string; url: string }) =>
  JSON.stringify({
    Type: 'SubscriptionConfirmation',
    MessageId: it.id,
    Token: it.token,
    TopicArn: it.topicArn,
    Message: `You have chosen to subscribe to the topic ${it.topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    SubscribeURL: it.url,
    Timestamp: it.at.toISOString(),
  });

const link = (address: string, query: Record<string, string>) => `${address}/?${new URLSearchParams(query)}`;
