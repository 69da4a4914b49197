import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Place } from '../service.ts';
import { type NewSubscription, type Subscription, subscriptions } from './subscriptions.ts';

export type Topic = { arn: string; name: string; displayName: string; maximumMessageSize: number };
export type Topics = ReturnType<typeof topics>;

/** The account's topics and who subscribes to them. */
export const topics = (
  { partition, region, account }: Place,
  clock: Clock,
  ask: (subscription: Subscription, token: string) => void,
) => {
  const byArn = new Map<string, Topic>();
  const all = subscriptions(clock, ask);
  const find = (arn: string | null) => {
    const found = byArn.get(arn ?? '');
    if (found) return found;
    throw new AwsError('NotFound', 'Topic does not exist', 404);
  };
  return {
    find,
    all: () => [...byArn.values()],
    subscriptions: all,

    /** Makes the topic, or returns the one of that name, as CreateTopic does. */
    create(name: string, { displayName = '', maximumMessageSize = 256 * 1024 } = {}): Topic {
      if (!/^[\w-]{1,256}$/.test(name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
      const arn = `arn:${partition}:sns:${region}:${account}:${name}`;
      const topic = byArn.get(arn) ?? { arn, name, displayName, maximumMessageSize };
      byArn.set(arn, Object.assign(topic, { displayName, maximumMessageSize }));
      return topic;
    },

    /** Subscribes, as `subscriptions` does, to a topic that there is. */
    subscribe(it: NewSubscription, ifDifferent: 'refuse' | 'update' = 'refuse'): Subscription {
      find(it.topicArn);
      return all.subscribe(it, ifDifferent);
    },
  };
};
