import { setTimeout as sleep } from 'node:timers/promises';
import { APPROVE, REASON, REJECT } from '../approval/slack/blocks.ts';
import { failure } from '../failure.ts';
import { type ApprovalRequest, standingVotes } from '../ledger/request.ts';
import { getRequest, newestRequests } from '../ledger/requests.ts';
import type { LocalCloud } from '../local/cloud.ts';
import { type Clients, clients } from './clients.ts';
import { askEndpoint } from './endpoint.ts';
import type { Deployed } from './local-cloud.ts';
import { arnOf, keysOf } from './local-identities.ts';
import type { Pipeline } from './pipelines.ts';

/** No approver has a way to approve that there is on this machine. */
export const NoLocalApprover = failure(
  'NoLocalApprover',
  (it: { environment: string; account: string; approvers: string[] }) =>
    `None of ${it.approvers.join(', ')} can approve in ${it.environment} on this machine, where the account is ${it.account}: give them Slack ids and the policy a Slack app, or say mailLinkIsEnough for local runs.`,
);

/**
 * Decides on what waits in an environment of the local cloud, as its approvers and one after another, until the matter is
 * decided: in the local Slack, or by an identity that is made for it in the local IAM. On AWS these are their own.
 *
 * @throws NoLocalApprover
 */
export const decideAsApprovers = async (
  deployed: Pick<Deployed, 'cloud' | 'clients'>,
  pipeline: Pipeline,
  decision: 'approved' | 'rejected',
  reason: string,
): Promise<void> => {
  const { cloud } = deployed;
  const table = { client: deployed.clients.dynamodb, name: pipeline.ledger };
  for (;;) {
    const request = (await newestRequests(table, 10)).find(({ hold }) => !hold);
    if (!request || request.outcome) return;
    const voted = new Set(standingVotes(request).map(({ by }) => by));
    const left = request.policy.people.filter(({ name }) => request.approvers.includes(name) && !voted.has(name));
    const inSlack = left.find((person) => request.policy.slack?.mode === 'app' && person.slack !== undefined);
    const byIam = left.find((person) => arnOf(cloud, person) !== undefined);
    if (inSlack) {
      await press(cloud, request, inSlack.slack!, decision, reason);
      await changed(() => getRequest(table, request.run), request.version);
    } else if (byIam) {
      const path = `/runs/${encodeURIComponent(request.run)}/decision`;
      const body = { decision, reason, planDigest: request.planDigest };
      await askEndpoint(identity(cloud, arnOf(cloud, byIam)!), pipeline, { method: 'POST', path, body });
    } else {
      const { environment, approvers } = request;
      throw new NoLocalApprover({ environment, account: cloud.place.account, approvers });
    }
  }
};

const press = async (
  { slack }: LocalCloud,
  { run, policy }: ApprovalRequest,
  user: string,
  decision: 'approved' | 'rejected',
  reason: string,
): Promise<void> => {
  const [{ ts }] = await until(() => {
    const posted = slack.messages().filter((it) => !it.threadTs && JSON.stringify(it.blocks).includes(run));
    return posted[0] && [posted[0]];
  });
  await slack.click({ user, ts, actionId: decision === 'approved' ? APPROVE : REJECT });
  const { id: viewId } = await until(() => slack.view(policy.slack?.team ?? '', user));
  await slack.submit({ user, viewId, values: { [REASON]: reason } });
};

/** What is said in Slack is answered first, and counted a moment later. */
const changed = (request: () => Promise<ApprovalRequest | undefined>, version: number) =>
  until(async () => {
    const now = await request();
    return now && now.version > version ? now : undefined;
  });

/** Asks again for half a minute. */
const until = async <It>(look: () => It | undefined | Promise<It | undefined>): Promise<It> => {
  for (let tries = 600; tries > 0; tries -= 1) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error('the local Slack did not do what was asked of it');
};

const identity = (cloud: LocalCloud, arn: string): Clients =>
  clients({ endpoint: cloud.endpoint, region: cloud.place.region, ...keysOf(cloud, arn, 'execute-api:Invoke') });
