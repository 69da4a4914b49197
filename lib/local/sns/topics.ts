import { randomUUID } from 'node:crypto';
import { AwsError } from '../protocol/aws-error.ts';
import type { Place } from '../service.ts';
import { checkFilterPolicy, type FilterPolicy } from './filter-policy.ts';

export type Subscription = {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  filterPolicy?: FilterPolicy;
  filterPolicyScope: 'MessageAttributes' | 'MessageBody';
  confirmed: boolean;
};
export type Topic = { arn: string; name: string; displayName: string; maximumMessageSize: number };
export type Topics = ReturnType<typeof topics>;

/** The account's topics and who subscribes to them. */
export const topics = ({ partition, region, account }: Place) => {
  const byArn = new Map<string, Topic>();
  const subscriptions = new Map<string, Subscription>();
  const find = (arn: string | null) => {
    const found = byArn.get(arn ?? '');
    if (found) return found;
    throw new AwsError('NotFound', 'Topic does not exist', 404);
  };
  return {
    find,
    all: () => [...byArn.values()],
    subscriptions: (topicArn: string) => [...subscriptions.values()].filter((it) => it.topicArn === topicArn),

    /** Makes the topic, or returns the one of that name, as CreateTopic does. */
    create(name: string, { displayName = '', maximumMessageSize = 256 * 1024 } = {}): Topic {
      if (!/^[\w-]{1,256}$/.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
      const arn = `arn:${partition}:sns:${region}:${account}:${name}`;
      const topic = byArn.get(arn) ?? { arn, name, displayName, maximumMessageSize };
      byArn.set(arn, Object.assign(topic, { displayName, maximumMessageSize }));
      return topic;
    },

    /**
     * Subscribes; the same protocol and endpoint twice is one subscription. It counts as confirmed at once,
     * since the inbox stands for the mailbox in which a person would confirm.
     */
    subscribe(it: {
      topicArn: string;
      protocol: string;
      endpoint: string;
      filterPolicy?: unknown;
      filterPolicyScope?: string;
    }): Subscription {
      find(it.topicArn);
      if (!PROTOCOLS.includes(it.protocol)) {
        throw new AwsError('InvalidParameter', `Invalid parameter: the local cloud can't deliver by "${it.protocol}"`);
      }
      if (!it.endpoint) throw new AwsError('InvalidParameter', 'Invalid parameter: Endpoint');
      const scope = it.filterPolicyScope ?? 'MessageAttributes';
      if (scope !== 'MessageAttributes' && scope !== 'MessageBody') {
        throw new AwsError('InvalidParameter', 'Invalid parameter: FilterPolicyScope');
      }
      const standing = [...subscriptions.values()].find(
        ({ topicArn, protocol, endpoint }) =>
          topicArn === it.topicArn && protocol === it.protocol && endpoint === it.endpoint,
      );
      const subscription: Subscription = {
        arn: standing?.arn ?? `${it.topicArn}:${randomUUID()}`,
        topicArn: it.topicArn,
        protocol: it.protocol,
        endpoint: it.endpoint,
        filterPolicyScope: scope,
        confirmed: true,
        ...(it.filterPolicy === undefined ? {} : { filterPolicy: checkFilterPolicy(it.filterPolicy) }),
      };
      subscriptions.set(subscription.arn, subscription);
      return subscription;
    },

    unsubscribe: (arn: string) => void subscriptions.delete(arn),
  };
};

const PROTOCOLS = ['email', 'email-json', 'http', 'https', 'lambda'];
