import type { Clock } from '../clock.ts';
import { queryService } from '../protocol/query.ts';
import type { Place } from '../service.ts';
import { confirmationMessage, unsubscribeFooter } from './confirmation.ts';
import { inbox } from './inbox.ts';
import { type Delivery, publish } from './publish.ts';
import { publishBatch } from './publish-batch.ts';
import { subscriptionActions } from './subscription-actions.ts';
import { topics } from './topics.ts';

export type SnsOptions = {
  place: Place;
  clock: Clock;
  notify: Delivery['notify'];
  /** Where the links in mails lead. @default SNS itself */
  address?: () => string;
};

/** Amazon SNS (Query protocol). Mail and web deliveries end in `inbox`, functions are really called. */
export const sns = ({ place, clock, notify, ...options }: SnsOptions) => {
  const address = options.address ?? (() => `https://sns.${place.region}.amazonaws.com`);
  const received = inbox();
  const known = topics(place, clock, (subscription, token) =>
    received.deliver(confirmationMessage(subscription, token, clock, address())),
  );
  const footer = (subscription: Parameters<typeof unsubscribeFooter>[0]) => unsubscribeFooter(subscription, address());
  const one = publish(known, clock, { deliver: received.deliver, notify, footer });
  const service = queryService('http://sns.amazonaws.com/doc/2010-03-31/', {
    Publish: one,
    PublishBatch: publishBatch(one),
    CreateTopic: async (input) => ({ TopicArn: known.create(input.get('Name') ?? '').arn }),
    ListTopics: async () => ({ Topics: { member: known.all().map(({ arn }) => ({ TopicArn: arn })) } }),
    GetTopicAttributes: async (input) => {
      const { arn, displayName } = known.find(input.get('TopicArn'));
      const all = known.subscriptions.of(arn);
      const confirmed = all.filter((it) => it.confirmed).length;
      const attributes = {
        ...{ TopicArn: arn, Owner: place.account, DisplayName: displayName },
        ...{ SubscriptionsConfirmed: confirmed, SubscriptionsPending: all.length - confirmed, SubscriptionsDeleted: 0 },
      };
      return { Attributes: { entry: Object.entries(attributes).map(([key, value]) => ({ key, value })) } };
    },
    ...subscriptionActions(known, place),
  });
  return { service, topics: known, inbox: received, publish: one };
};
