import { PublishCommand } from '@aws-sdk/client-sns';
import { mailBy, type Post } from '../lib/approval/post.ts';
import { slackPost } from '../lib/approval/slack/post.ts';
import { ApprovalPolicy } from '../lib/policy/approval-policy.ts';
import { policyBucket, setting, slack, sns, variable } from './services.ts';

/** Who may approve here, as it is deployed; null where nobody is asked. */
export const policy = async (): Promise<ApprovalPolicy | null> => {
  const key = setting('POLICY_KEY');
  return key ? ApprovalPolicy.parse(await policyBucket().json(key)) : null;
};

/** The ways to people: mail by the environment's topic, and Slack where the policy says so. */
export const post = (rules: Pick<ApprovalPolicy, 'slack'> | null): Post => ({
  mail: mailBy(sns(), variable('TOPIC')),
  ...slackPost(rules, async () => slack()()),
});

/** To all who approve, or, where nobody does, to whoever has subscribed to the topic. */
export const mailEverybody = async (
  rules: Pick<ApprovalPolicy, 'people'> | null,
  mail: Parameters<Post['mail']>[1],
) => {
  const names = (rules?.people ?? []).filter((it) => it.mail !== undefined).map(({ name }) => name);
  if (names.length > 0) await mailBy(sns(), variable('TOPIC'))(names, mail);
  else await sns().send(new PublishCommand({ TopicArn: variable('TOPIC'), ...mail }));
};
