import type { Place } from '../../service.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInQuery } from '../refusals.ts';
import { entryOf } from './json-operation.ts';
import { formOf } from './query-operation.ts';

/**
 * SNS writes its name in capitals when it says no.
 * A topic that is encrypted with alias/aws/sns asks its publishers for no permission of KMS: the policy of that key, which
 * AWS manages, lets everyone in the account use it through SNS.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
 */
export const snsActions = ({ partition, region, account }: Place): Mapping => {
  const arn = (name: string) => `arn:${partition}:sns:${region}:${account}:${name}`;
  const topic = (form: URLSearchParams) => form.get('TopicArn') ?? '*';
  // A subscription's ARN is its topic's with an id at the end.
  const ofSubscription = (form: URLSearchParams) => (form.get('SubscriptionArn') ?? '').replace(/:[^:]*$/, '');
  const resources: Record<string, (form: URLSearchParams) => string> = {
    Publish: (form) => form.get('TopicArn') ?? form.get('TargetArn') ?? '*',
    CreateTopic: (form) => arn(form.get('Name') ?? ''),
    ListTopics: () => '*',
    ListSubscriptions: () => '*',
    GetTopicAttributes: topic,
    ListSubscriptionsByTopic: topic,
    Subscribe: topic,
    ConfirmSubscription: topic,
    Unsubscribe: ofSubscription,
    GetSubscriptionAttributes: ofSubscription,
    SetSubscriptionAttributes: ofSubscription,
    PublishBatch: topic,
  };
  return {
    checks(request) {
      const form = formOf(request);
      const action = form.get('Action') ?? '';
      const resource = entryOf(resources, action)?.(form);
      if (resource === undefined) return undefined;
      // A batch needs no permission of its own.
      return [
        {
          action: action === 'PublishBatch' ? 'SNS:Publish' : `SNS:${action}`,
          resource,
          ...(resource === '*' ? { shown: arn('*') } : {}),
        },
      ];
    },
    refuse: refuseInQuery('AuthorizationError', 'http://sns.amazonaws.com/doc/2010-03-31/'),
  };
};
