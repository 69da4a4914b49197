import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import { approvalApi } from '../lib/approval/api.ts';
import { approvalApp, type PageSurroundings } from '../lib/approval/approval-app.ts';
import { ordersApi } from '../lib/approval/orders-api.ts';
import { slackPost } from '../lib/approval/slack/post.ts';
import { ApprovalPolicy } from '../lib/policy/approval-policy.ts';
import { ledger } from './ledger.ts';
import { bucket, policyBucket, setting, sfn, slack } from './services.ts';

const surroundings = (): PageSurroundings => ({
  table: ledger(),
  objects: bucket(),
  sfn: sfn(),
  now: () => new Date(),
  // Others hear of a decision where they look.
  changed: (request) => slackPost(request.policy, async () => slack()()).update(request),
});

/** Who may approve here, as it is deployed; null where nobody is asked. */
const policy = async (): Promise<ApprovalPolicy | null> => {
  const key = setting('POLICY_KEY');
  return key ? ApprovalPolicy.parse(await policyBucket().json(key)) : null;
};

const app = approvalApp(surroundings);
app.route('/', approvalApi(surroundings));
app.route(
  '/',
  ordersApi(() => ({ ...surroundings(), policy })),
);

const answer = handle(app);

/** Where people decide, behind the HTTP API: the pages, and what the command line asks for. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>().handler(
  (event) => answer(event as never) as unknown as Promise<APIGatewayProxyResultV2>,
);
