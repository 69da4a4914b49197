import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import { approvalApi } from '../lib/approval/api.ts';
import { approvalApp, type PageSurroundings } from '../lib/approval/approval-app.ts';
import { brokenBy, tellBrokenGlass } from '../lib/approval/glass.ts';
import type { ApprovalRequest } from '../lib/ledger/request.ts';
import { ledger } from './ledger.ts';
import { post } from './people.ts';
import { bucket, sfn } from './services.ts';

const surroundings = (): PageSurroundings => ({
  table: ledger(),
  objects: bucket(),
  sfn: sfn(),
  now: () => new Date(),
  changed,
});

/** Others hear of a decision where they look: in Slack, and at once if the glass was broken. One way that fails leaves the others. */
const changed = async (request: ApprovalRequest): Promise<void> => {
  const ways = post(request.policy);
  const broken = brokenBy(request);
  const told = await Promise.allSettled([
    broken && tellBrokenGlass(ways, request, broken, write),
    ways.update(request),
  ]);
  for (const it of told) if (it.status === 'rejected') throw it.reason;
};

/** Lambda's console wraps what it writes into JSON of its own, in which CloudWatch finds no metric. */
const write = (line: string): void => void process.stdout.write(`${line}\n`);

const app = approvalApp(surroundings);
app.route('/', approvalApi(surroundings));

const answer = handle(app);

/** Where people decide, behind the HTTP API: the pages, and what the command line asks for. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>().handler(
  (event) => answer(event as never) as unknown as Promise<APIGatewayProxyResultV2>,
);
