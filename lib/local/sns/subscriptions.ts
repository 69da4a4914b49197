import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { checkFilterPolicy, type FilterPolicy } from './filter-policy.ts';

export type Subscription = {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  /** ARN of who asked for it. */
  principal: string;
  filterPolicy?: FilterPolicy;
  filterPolicyScope: 'MessageAttributes' | 'MessageBody';
  /** Nothing is delivered before. */
  confirmed: boolean;
  /** Confirmed with AuthenticateOnUnsubscribe: a link out of a mail can't end it. */
  authenticated: boolean;
  since: Date;
};
export type NewSubscription = {
  topicArn: string;
  protocol: string;
  endpoint: string;
  principal: string;
  filterPolicy?: unknown;
  filterPolicyScope?: string;
};
export type Subscriptions = ReturnType<typeof subscriptions>;

/** Unconfirmed subscriptions go after 48 hours. https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/ */
const PENDING_MILLISECONDS = 48 * 3_600_000;

/** Who subscribes to which topic. `ask` sends the token to the endpoint, for its owner to confirm with. */
export const subscriptions = (clock: Clock, ask: (subscription: Subscription, token: string) => void) => {
  const byArn = new Map<string, Subscription>();
  const tokens = new Map<string, string>();

  const standing = () => {
    const oldest = clock.now().getTime() - PENDING_MILLISECONDS;
    for (const { arn, confirmed, since } of byArn.values())
      if (!confirmed && since.getTime() <= oldest) byArn.delete(arn);
    return [...byArn.values()];
  };
  const find = (arn: string) => {
    const found = standing().find((it) => it.arn === arn);
    if (found) return found;
    throw new AwsError('NotFound', 'Subscription does not exist', 404);
  };

  return {
    find,
    of: (topicArn: string) => standing().filter((it) => it.topicArn === topicArn),

    /**
     * Subscribes, or returns the subscription that the endpoint has. Of those that need one, an unconfirmed endpoint is
     * sent a new token each time.
     */
    subscribe(it: NewSubscription, ifDifferent: 'refuse' | 'update'): Subscription {
      if (!PROTOCOLS.includes(it.protocol)) throw invalid(`the local cloud can't deliver by "${it.protocol}"`);
      if (!isEndpoint(it.protocol, it.endpoint)) throw invalid('Endpoint');
      const filter = filterOf(it);
      const same = standing().find(
        ({ topicArn, protocol, endpoint }) =>
          topicArn === it.topicArn && protocol === it.protocol && endpoint === it.endpoint,
      );
      if (same && ifDifferent === 'refuse' && JSON.stringify(filterOf(same)) !== JSON.stringify(filter))
        throw invalid('Attributes Reason: Subscription already exists with different attributes');
      const { topicArn, protocol, endpoint, principal } = it;
      const itself = !NEEDS_CONFIRMATION.includes(protocol);
      const subscription: Subscription = {
        ...(same ?? {
          arn: `${topicArn}:${randomUUID()}`,
          confirmed: itself,
          authenticated: itself,
          since: clock.now(),
        }),
        ...{ topicArn, protocol, endpoint, principal: same?.principal ?? principal },
        ...filter,
      };
      byArn.set(subscription.arn, subscription);
      if (!subscription.confirmed) {
        const token = randomBytes(128).toString('hex');
        tokens.set(token, subscription.arn);
        ask(subscription, token);
      }
      return subscription;
    },

    /** A second confirmation changes nothing. */
    confirm(topicArn: string, token: string, authenticated: boolean): Subscription {
      const subscription = standing().find(({ arn }) => arn === tokens.get(token));
      if (subscription?.topicArn !== topicArn) throw invalid('Token');
      if (!subscription.confirmed) Object.assign(subscription, { confirmed: true, authenticated });
      return subscription;
    },

    setFilter(arn: string, filter: Pick<NewSubscription, 'filterPolicy' | 'filterPolicyScope'>) {
      const { filterPolicy: _, ...rest } = find(arn);
      byArn.set(arn, { ...rest, ...filterOf(filter) });
    },

    delete: (arn: string) => void byArn.delete(arn),
  };
};

const PROTOCOLS = ['email', 'email-json', 'http', 'https', 'lambda'];
const NEEDS_CONFIRMATION = ['email', 'email-json', 'http', 'https'];

const isEndpoint = (protocol: string, endpoint: string) => {
  if (protocol === 'lambda') return /^arn:[^:]+:lambda:/.test(endpoint);
  return protocol.startsWith('email') ? /^[^\s@]+@[^\s@]+$/.test(endpoint) : endpoint.startsWith(`${protocol}://`);
};

/** Undefined members are left out, so that two of them can be compared. */
const filterOf = ({
  filterPolicy,
  filterPolicyScope = 'MessageAttributes',
}: Pick<NewSubscription, 'filterPolicy' | 'filterPolicyScope'>) => {
  if (filterPolicyScope !== 'MessageAttributes' && filterPolicyScope !== 'MessageBody')
    throw invalid('FilterPolicyScope');
  const scope: { filterPolicyScope: Subscription['filterPolicyScope'] } = { filterPolicyScope };
  return filterPolicy === undefined
    ? scope
    : { filterPolicy: checkFilterPolicy(filterPolicy, filterPolicyScope), ...scope };
};

const invalid = (what: string) => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
