import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { entries, queryService } from '../protocol/query.ts';
import type { Place } from '../service.ts';
import { inbox } from './inbox.ts';
import { type Delivery, publish } from './publish.ts';
import { type Subscription, topics } from './topics.ts';

/** Amazon SNS (Query protocol). Mail and web deliveries end in `inbox`, functions are really called. */
export const sns = ({ place, clock, notify }: { place: Place; clock: Clock; notify: Delivery['notify'] }) => {
  const known = topics(place);
  const received = inbox();
  const service = queryService('http://sns.amazonaws.com/doc/2010-03-31/', {
    Publish: publish(known, clock, { deliver: received.deliver, notify }),
    CreateTopic: async (input) => ({ TopicArn: known.create(input.get('Name') ?? '').arn }),
    ListTopics: async () => ({ Topics: { member: known.all().map(({ arn }) => ({ TopicArn: arn })) } }),
    GetTopicAttributes: async (input) => {
      const { arn, displayName } = known.find(input.get('TopicArn'));
      const confirmed = known.subscriptions(arn).length;
      const attributes = {
        TopicArn: arn,
        Owner: place.account,
        DisplayName: displayName,
        SubscriptionsConfirmed: confirmed,
      };
      return { Attributes: { entry: Object.entries(attributes).map(([key, value]) => ({ key, value })) } };
    },
    ListSubscriptionsByTopic: async (input) => {
      const { arn } = known.find(input.get('TopicArn'));
      return { Subscriptions: { member: known.subscriptions(arn).map(described(place)) } };
    },
    ListSubscriptions: async () => ({
      Subscriptions: { member: known.all().flatMap(({ arn }) => known.subscriptions(arn).map(described(place))) },
    }),
    Subscribe: async (input) => {
      const attributes = Object.fromEntries(
        entries(input, 'Attributes.entry').map(({ key = '', value = '' }) => [key, value]),
      );
      const other = Object.keys(attributes).find((name) => name !== 'FilterPolicy' && name !== 'FilterPolicyScope');
      if (other)
        throw new AwsError(
          'InvalidParameter',
          `Invalid parameter: the local cloud doesn't honour the attribute ${other}`,
        );
      const { arn } = known.subscribe({
        topicArn: input.get('TopicArn') ?? '',
        protocol: input.get('Protocol') ?? '',
        endpoint: input.get('Endpoint') ?? '',
        ...(attributes.FilterPolicy ? { filterPolicy: JSON.parse(attributes.FilterPolicy) } : {}),
        ...(attributes.FilterPolicyScope ? { filterPolicyScope: attributes.FilterPolicyScope } : {}),
      });
      return { SubscriptionArn: arn };
    },
    Unsubscribe: async (input) => {
      known.unsubscribe(input.get('SubscriptionArn') ?? '');
      return {};
    },
  });
  return { service, topics: known, inbox: received };
};

const described =
  ({ account }: Place) =>
  ({ arn, topicArn, protocol, endpoint }: Subscription) => ({
    SubscriptionArn: arn,
    Owner: account,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  });
