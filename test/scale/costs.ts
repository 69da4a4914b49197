import type { Tally } from './calls.ts';

/** What AWS charges in us-east-1, in US dollars, as its pages of prices had it in November 2026. */
export const PRICES = {
  /** https://aws.amazon.com/step-functions/pricing/ */
  stateTransition: 0.025 / 1_000,
  /** https://aws.amazon.com/lambda/pricing/, Arm */
  lambdaRequest: 0.2 / 1_000_000,
  lambdaGigabyteSecond: 0.0000133334,
  /** https://aws.amazon.com/s3/pricing/, S3 Standard */
  s3Put: 0.005 / 1_000,
  s3Get: 0.0004 / 1_000,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  dynamodbWrite: 0.625 / 1_000_000,
  dynamodbRead: 0.125 / 1_000_000,
  /** https://aws.amazon.com/rds/aurora/pricing/, Data API, the first billion requests */
  dataApiRequest: 0.35 / 1_000_000,
};

export type Costs = Record<'stateTransitions' | 'lambda' | 's3' | 'dynamodb' | 'dataApi', number>;

/** Map runs read and write S3 too: an object read, and four written, at most. */
export const costsOf = (tally: Tally, transitions: number, mapRuns: number): Costs => {
  const calls = (name: RegExp) =>
    [...tally.calls].reduce((sum, [key, times]) => (name.test(key) ? sum + times : sum), 0);
  return {
    stateTransitions: transitions * PRICES.stateTransition,
    lambda: tally.lambda.requests * PRICES.lambdaRequest + tally.lambda.gigabyteSeconds * PRICES.lambdaGigabyteSecond,
    s3: (calls(/^s3:(Put|List)/) + mapRuns * 4) * PRICES.s3Put + (calls(/^s3:(Get|Head)/) + mapRuns) * PRICES.s3Get,
    dynamodb: tally.dynamodb.writes * PRICES.dynamodbWrite + tally.dynamodb.reads * PRICES.dynamodbRead,
    dataApi: calls(/^rds-data:/) * PRICES.dataApiRequest,
  };
};

export const NOT_INCLUDED = 'storage of snapshots, capacity of the clusters, logs, traces, Secrets Manager, mail';
