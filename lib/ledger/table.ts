import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The environment's DynamoDB table. Keys: `pk` says of what (LEASE, RUN#…, APPROVAL#…), `sk` which part of it. */
export type Table = { client: Pick<DynamoDBDocumentClient, 'send'>; name: string };

/** True for a condition that did not hold: somebody else was there first. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';
