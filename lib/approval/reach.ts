import { ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { failure } from '../failure.ts';
import { type ApprovalPolicy, members, type Person } from '../policy/approval-policy.ts';

/** Too few of those who approve would hear of a request; nothing was begun. */
export const NobodyReachable = failure(
  'NobodyReachable',
  (it: { needed: number; reachable: string[]; unconfirmed: string[] }) =>
    [
      `At least ${it.needed} of those who approve must hear of the request, and ${it.reachable.length === 0 ? 'nobody' : `only ${it.reachable.join(', ')}`} would.`,
      ...(it.unconfirmed.length > 0
        ? [
            `These have not confirmed their subscription, or have unsubscribed: ${it.unconfirmed.join(', ')}. Have them open the mail from AWS, or have a new one sent.`,
          ]
        : []),
    ].join(' '),
);

/** Mail addresses that get what the topic is told: subscribed and confirmed. Lower case. */
export const confirmedAddresses = async (sns: Pick<SNSClient, 'send'>, TopicArn: string): Promise<Set<string>> => {
  const found = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
    for (const { Protocol, Endpoint = '', SubscriptionArn = '' } of page.Subscriptions ?? []) {
      // Others say PendingConfirmation, or Deleted, in its place.
      if (Protocol === 'email' && SubscriptionArn.startsWith('arn:')) found.add(Endpoint.toLowerCase());
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
};

/** As many people as the mildest rule asks for must hear of a request. @throws NobodyReachable */
export const checkReach = (policy: ApprovalPolicy, confirmed: Set<string>): void => {
  const { approvals: needed, by } = policy.rules.low;
  const people = members(policy, by);
  const reached = people.filter((person) => isReached(policy, person, confirmed));
  if (reached.length >= needed) return;
  const unconfirmed = people.flatMap(({ mail }) => (mail && !confirmed.has(mail.toLowerCase()) ? [mail] : []));
  throw new NobodyReachable({ needed, reachable: reached.map(({ name }) => name), unconfirmed });
};

const isReached = ({ slack }: ApprovalPolicy, person: Person, confirmed: Set<string>): boolean =>
  (person.mail !== undefined && confirmed.has(person.mail.toLowerCase())) ||
  slack?.mode === 'webhook' ||
  (slack?.mode === 'app' && (person.slack !== undefined || (person.iam ?? []).length > 0));
