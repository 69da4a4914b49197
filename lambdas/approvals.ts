import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import { approvalApp } from '../lib/approval/app.ts';
import { ledger } from './ledger.ts';
import { bucket, sfn } from './services.ts';

const app = handle(approvalApp(() => ({ table: ledger(), objects: bucket(), sfn: sfn(), now: () => new Date() })));

/** The approval pages behind the HTTP API. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>().handler(
  (event) => app(event as never) as unknown as Promise<APIGatewayProxyResultV2>,
);
