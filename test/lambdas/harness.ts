import { KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, vi } from 'vitest';
import { bundleKey } from '../../lib/ledger/objects.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { memoryKms } from '../helpers/kms.ts';
import { ledgers, memoryBucket } from '../ledger/harness.ts';

export const mocks = {
  data: mockClient(RDSDataClient),
  kms: mockClient(KMSClient),
  lambda: mockClient(LambdaClient),
  rds: mockClient(RDSClient),
  s3: mockClient(S3Client),
  secrets: mockClient(SecretsManagerClient),
  sfn: mockClient(SFNClient),
  sns: mockClient(SNSClient),
  ssm: mockClient(SSMClient),
};

/**
 * A step of the workflow as Lambda would load it, with a ledger and a bucket of its own for each test. Other services
 * refuse every call that a test has not announced.
 */
export const step = (name: string, variables: Record<string, string> = {}, { remaining = 5_000 } = {}) => {
  const { endpoint, table } = ledgers();
  let logged = '';

  beforeEach(() => {
    logged = '';
    for (const stream of [process.stdout, process.stderr]) {
      // The steps' logger has a console of its own on these.
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        logged += String(text);
        return true;
      });
    }
    vi.spyOn(console, 'error').mockImplementation((text) => {
      logged += `${text}\n`;
    });
    for (const mock of Object.values(mocks) as (typeof mocks.s3)[]) {
      mock.reset();
      mock.onAnyCommand().rejects(new Error('this test did not expect that call'));
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  const opened = async (files: Record<string, string> = {}) => {
    const ledger = await table();
    const bucket = memoryBucket(files);
    const kms = memoryKms();
    mocks.s3.on(GetObjectCommand).callsFake(bucket.get).on(PutObjectCommand).callsFake(bucket.put);
    mocks.s3.on(ListObjectVersionsCommand).callsFake(bucket.list);
    for (const Command of [SignCommand, VerifyCommand] as const)
      mocks.kms.on(Command as typeof SignCommand).callsFake((input) => kms.send(new Command(input)));
    const credentials = { AWS_ACCESS_KEY_ID: 'someone', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' };
    const stored = { BUCKET: 'bucket', LEDGER_TABLE: ledger.name, AWS_ENDPOINT_URL_DYNAMODB: endpoint() };
    for (const [key, value] of Object.entries({ ...credentials, ...stored, ...variables })) vi.stubEnv(key, value);
    // What a step has made on its first call stays: another test needs another one.
    const cold = async () => {
      vi.resetModules();
      const { handler } = await import(`../../lambdas/${name}.ts`);
      // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it is.
      return (event: unknown): Promise<any> =>
        handler(event, { ...context, getRemainingTimeInMillis: () => remaining });
    };
    const json = (key: string) => JSON.parse(bucket.files[key] ?? 'null');
    return { ledger, bucket, kms: kms.client, json, invoke: await cold(), cold };
  };

  /** What it has had CloudWatch count. */
  const counted = () =>
    logged
      .split('\n')
      .filter((line) => line.startsWith('{"_aws":'))
      .map((line) => JSON.parse(line));

  return { opened, counted, logs: () => logged };
};

/** A bundle as it lies in the environment's bucket. */
export const uploaded = (bundle: Bundle) => ({ [bundleKey(digest(bundle))]: canonical(bundle) });

/** A page of a database's history, and the empty one that ends it. */
export const pages = (...rows: object[]) => [{ page: rows }, { page: [] }];

/** Answers each Data API call with the next of these; an error is thrown, anything else is the JSON of a query. */
export const dataApi = (...answers: unknown[]) => {
  mocks.data.on(ExecuteStatementCommand).callsFake(async () => {
    if (answers.length === 0) throw new Error('this test did not expect that much SQL');
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    const rows = isPage(answer) ? answer.page : [answer];
    return { records: rows.map((row) => [{ stringValue: JSON.stringify(row) }]) };
  });
};

const isPage = (answer: unknown): answer is { page: object[] } =>
  typeof answer === 'object' && answer !== null && 'page' in answer;

/** What was sent to databases. */
export const statements = () => mocks.data.commandCalls(ExecuteStatementCommand).map(({ args: [{ input }] }) => input);

/** What people were told. */
export const published = () => mocks.sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);

/** An error as the SDK throws it: matched by name. */
export const awsError = (name: string, message = 'as AWS says') => Object.assign(new Error(message), { name });

const context = {
  awsRequestId: 'request-1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:step',
} as unknown as Context;
