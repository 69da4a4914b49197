import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import { evidenceApi } from '../lib/approval/evidence-api.ts';
import { countEvidence } from '../lib/ledger/evidence-count.ts';
import { sign } from '../lib/ledger/signed.ts';
import { ledger } from './ledger.ts';
import { bucket, kms, variable } from './services.ts';

const app = evidenceApi(() => ({
  service: variable('SERVICE'),
  environment: variable('ENVIRONMENT'),
  account: variable('ACCOUNT'),
  now: () => new Date(),
  count: (digest, name) => countEvidence(ledger(), digest, name),
  sign: (evidence) => sign(kms(), variable('EVIDENCE_KEY'), evidence),
  write: (key, value) => bucket().write(key, value),
}));

const answer = handle(app);

/** Takes evidence, behind the HTTP API; apart from the approval pages, since it alone may sign with the key for that. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>().handler(
  (event) => answer(event as never) as unknown as Promise<APIGatewayProxyResultV2>,
);
