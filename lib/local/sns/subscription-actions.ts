import { AwsError } from '../protocol/aws-error.ts';
import { entries, type QueryOperation } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import type { Place } from '../service.ts';
import type { Subscription } from './subscriptions.ts';
import type { Topics } from './topics.ts';

/** SNS's operations on subscriptions. */
export const subscriptionActions = (topics: Topics, { account }: Place): Record<string, QueryOperation> => ({
  Subscribe: async (input, { principal }) => {
    const given = Object.fromEntries(
      entries(input, 'Attributes.entry').map(({ key = '', value = '' }) => [key, value]),
    );
    const other = Object.keys(given).find((name) => !Object.hasOwn(SETTABLE, name));
    if (other) throw invalid(`the local cloud doesn't honour the attribute ${other}`);
    const { arn, confirmed } = topics.subscribe({
      topicArn: input.get('TopicArn') ?? '',
      protocol: input.get('Protocol') ?? '',
      endpoint: input.get('Endpoint') ?? '',
      principal,
      ...filter(given),
    });
    return {
      SubscriptionArn: confirmed || input.get('ReturnSubscriptionArn') === 'true' ? arn : 'pending confirmation',
    };
  },

  ConfirmSubscription: async (input, { principal }) => {
    const topic = topics.find(input.get('TopicArn'));
    const authenticate = input.get('AuthenticateOnUnsubscribe') === 'true';
    if (authenticate && principal === ANONYMOUS) throw unauthorized('ConfirmSubscription', topic.arn);
    return { SubscriptionArn: topics.subscriptions.confirm(topic.arn, input.get('Token') ?? '', authenticate).arn };
  },

  Unsubscribe: async (input, { principal }) => {
    const arn = subscriptionArn(input);
    const standing = topics.subscriptions.of(arn.replace(/:[^:]*$/, '')).find((it) => it.arn === arn);
    if (standing?.authenticated && principal === ANONYMOUS) throw unauthorized('Unsubscribe', standing.topicArn);
    if (standing && !standing.confirmed)
      throw invalid('SubscriptionArn Reason: it is pending confirmation; SNS deletes it by itself after 48 hours');
    topics.subscriptions.delete(arn);
    return {};
  },

  ListSubscriptions: async (input) =>
    page(
      topics.all().flatMap(({ arn }) => topics.subscriptions.of(arn)),
      input,
      account,
    ),
  ListSubscriptionsByTopic: async (input) =>
    page(topics.subscriptions.of(topics.find(input.get('TopicArn')).arn), input, account),

  GetSubscriptionAttributes: async (input) => {
    const it = topics.subscriptions.find(subscriptionArn(input));
    const attributes: Record<string, Xml> = {
      ...{ SubscriptionArn: it.arn, TopicArn: it.topicArn, Owner: account, SubscriptionPrincipal: it.principal },
      ...{ Protocol: it.protocol, Endpoint: it.endpoint, RawMessageDelivery: false },
      ...{ PendingConfirmation: !it.confirmed, ConfirmationWasAuthenticated: it.authenticated },
      ...(it.filterPolicy
        ? { FilterPolicy: JSON.stringify(it.filterPolicy), FilterPolicyScope: it.filterPolicyScope }
        : {}),
    };
    return { Attributes: { entry: Object.entries(attributes).map(([key, value]) => ({ key, value })) } };
  },

  SetSubscriptionAttributes: async (input) => {
    const it = topics.subscriptions.find(subscriptionArn(input));
    const name = input.get('AttributeName') ?? '';
    if (!Object.hasOwn(SETTABLE, name)) throw invalid(`the local cloud doesn't honour the attribute ${name}`);
    const given = filter({ [name]: input.get('AttributeValue') ?? '' });
    topics.subscriptions.setFilter(it.arn, {
      filterPolicy: it.filterPolicy,
      filterPolicyScope: it.filterPolicyScope,
      ...given,
    });
    return {};
  },
});

/** Who opens a link out of a mail. */
const ANONYMOUS = 'anonymous';

const SETTABLE = { FilterPolicy: 'filterPolicy', FilterPolicyScope: 'filterPolicyScope' };

/** An empty policy takes the filter away. */
const filter = ({ FilterPolicy, FilterPolicyScope }: Record<string, string>) => ({
  ...(FilterPolicy === undefined ? {} : { filterPolicy: policy(FilterPolicy) }),
  ...(FilterPolicyScope === undefined ? {} : { filterPolicyScope: FilterPolicyScope }),
});

const policy = (text: string): unknown => {
  try {
    const parsed: unknown = JSON.parse(text || '{}');
    return JSON.stringify(parsed) === '{}' ? undefined : parsed;
  } catch {
    throw invalid('FilterPolicy: failed to parse JSON');
  }
};

const PAGE = 100;

const page = (all: Subscription[], input: URLSearchParams, Owner: string) => {
  const start = Number(Buffer.from(input.get('NextToken') ?? '', 'base64url').toString() || 0);
  if (!Number.isInteger(start) || start < 0) throw invalid('NextToken');
  const end = start + PAGE;
  return {
    Subscriptions: {
      member: all.slice(start, end).map(({ arn, topicArn, protocol, endpoint, confirmed }) => ({
        SubscriptionArn: confirmed ? arn : 'PendingConfirmation',
        ...{ Owner, Protocol: protocol, Endpoint: endpoint, TopicArn: topicArn },
      })),
    },
    NextToken: end < all.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
};

const subscriptionArn = (input: URLSearchParams): string => {
  const arn = input.get('SubscriptionArn') ?? '';
  const parts = arn.split(':').length;
  if (parts >= 6) return arn;
  throw invalid(`SubscriptionArn Reason: An ARN must have at least 6 elements, not ${parts}`);
};

const invalid = (what: string) => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

const unauthorized = (operation: string, topicArn: string) =>
  new AwsError(
    'AuthorizationError',
    `User: ${ANONYMOUS} is not authorized to perform: SNS:${operation} on resource: ${topicArn}`,
    403,
  );
