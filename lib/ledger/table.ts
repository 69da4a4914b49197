import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The environment's DynamoDB table. Keys: `pk` says of what (LEASE, RUN#…, APPROVAL#…), `sk` which part of it. */
export type Table = { client: Pick<DynamoDBDocumentClient, 'send'>; name: string };

/** True for a condition that did not hold: somebody else was there first. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

/** What of a cancelled transaction did not hold, part by part; null where something else is wrong. */
export const reasonsOf = (error: unknown): string[] | null =>
  error instanceof Error && error.name === 'TransactionCanceledException' && 'CancellationReasons' in error
    ? (error.CancellationReasons as { Code?: string }[]).map(({ Code = 'None' }) => Code)
    : null;
