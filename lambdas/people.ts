import { PublishCommand } from '@aws-sdk/client-sns';
import { brokenBy, tellBrokenGlass } from '../lib/approval/glass.ts';
import { mailBy, type Post } from '../lib/approval/post.ts';
import { checkReach, confirmedAddresses } from '../lib/approval/reach.ts';
import { slackPost } from '../lib/approval/slack/post.ts';
import type { ApprovalRequest } from '../lib/ledger/request.ts';
import { ApprovalPolicy } from '../lib/policy/approval-policy.ts';
import { writeLine } from './metrics.ts';
import { policyBucket, setting, slack, sns, variable } from './services.ts';
import type { World } from './task.ts';

/** Who may approve here, as it is deployed; null where nobody is asked. */
export const policy = async (): Promise<ApprovalPolicy | null> => {
  const key = setting('POLICY_KEY');
  return key ? ApprovalPolicy.parse(await policyBucket().json(key)) : null;
};

/** Better no run than one that waits for people who never hear of it. @throws NobodyReachable */
export const reachable = async (): Promise<void> => {
  const rules = await policy();
  if (rules !== null) checkReach(rules, await confirmedAddresses(sns(), variable('TOPIC')));
};

/** Tells everybody where the glass was broken: in a step that is repeated until it comes through. */
export const warnOfGlass = async (request: ApprovalRequest, log: World['log']): Promise<void> => {
  const vote = brokenBy(request);
  if (!vote) return;
  await tellBrokenGlass(post(request.policy), request, vote, writeLine).catch((error) =>
    log.warn('not everybody could be told of the broken glass', { error }),
  );
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
