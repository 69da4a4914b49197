import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { realClock, virtualClock } from '../../../lib/local/clock.ts';
import { faultsOf, withFaults } from '../../../lib/local/faults/faults.ts';
import { type FaultKind, parseFaults } from '../../../lib/local/faults/plan.ts';
import type { Service } from '../../../lib/local/service.ts';
import { listening } from '../cloud-harness.ts';

type Client = Awaited<ReturnType<typeof listening>>;

/** One call of each service through the real SDK. */
const CALLS: Record<string, (client: Client) => Promise<unknown>> = {
  'rds-data': (client) =>
    new RDSDataClient(client).send(new ExecuteStatementCommand({ resourceArn: 'r', secretArn: 's', sql: 'SELECT 1' })),
  states: (client) => new SFNClient(client).send(new StartExecutionCommand({ stateMachineArn: 'arn' })),
  s3: (client) =>
    new S3Client({ ...client, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' })),
  dynamodb: (client) => new DynamoDBClient(client).send(new ListTablesCommand({})),
  sns: (client) => new SNSClient(client).send(new PublishCommand({ TopicArn: 'arn', Message: 'hello' })),
  rds: (client) => new RDSClient(client).send(new DescribeDBClustersCommand({})),
  monitoring: (client) => new CloudWatchClient(client).send(new DescribeAlarmsCommand({})),
  secretsmanager: (client) => new SecretsManagerClient(client).send(new GetSecretValueCommand({ SecretId: 'secret' })),
};

/** A service that a fault is put around, how often it was really called, and what the SDK makes of a call. */
const struckBy = async (service: string, fault: string, attempts = 1) => {
  let carriedOut = 0;
  const inner: Service = async () => {
    carriedOut += 1;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
  };
  const faults = faultsOf(parseFaults(`${service}:${fault}`));
  const client = await listening({ [service]: withFaults(inner, service, faults, virtualClock()) });
  const outcome = await CALLS[service]!({ ...client, maxAttempts: attempts }).then(
    () => ({ name: 'none', status: 200, message: '' }),
    (error) => ({
      name: error.code ?? error.name,
      status: error.$metadata?.httpStatusCode as number | undefined,
      message: error.message as string,
    }),
  );
  return { ...outcome, carriedOut, injected: faults.injected() };
};

/** What each service's own client calls the answers, with their status. */
const NAMES: Record<string, Partial<Record<FaultKind, [string, number]>>> = {
  'rds-data': {
    500: ['InternalServerErrorException', 500],
    503: ['ServiceUnavailableError', 503],
    504: ['DatabaseUnavailableException', 504],
    throttling: ['ThrottlingException', 400],
    accessDenied: ['AccessDeniedException', 403],
    resuming: ['DatabaseResumingException', 400],
  },
  states: { throttling: ['ThrottlingException', 400], accessDenied: ['AccessDeniedException', 400] },
  dynamodb: { 500: ['InternalServerError', 500], accessDenied: ['AccessDeniedException', 400] },
  monitoring: { 500: ['InternalServiceFault', 500], accessDenied: ['AccessDeniedException', 400] },
  secretsmanager: { 500: ['InternalServiceError', 500], throttling: ['ThrottlingException', 400] },
  s3: { 500: ['InternalError', 500], throttling: ['SlowDown', 503], accessDenied: ['AccessDenied', 403] },
  sns: { throttling: ['Throttling', 400], accessDenied: ['AuthorizationErrorException', 403] },
  rds: {
    503: ['ServiceUnavailable', 503],
    throttling: ['ThrottlingException', 400],
    accessDenied: ['AccessDenied', 403],
  },
};

const cases = Object.entries(NAMES).flatMap(([service, kinds]) =>
  Object.entries(kinds).map(([kind, [name, status]]) => ({ service, kind, name, status })),
);

describe('a fault before the call is carried out', () => {
  test.each(cases)('$kind of $service is $name to its SDK, and nothing was done', async (it) => {
    expect(await struckBy(it.service, `*:before:${it.kind}`)).toMatchObject({
      ...{ name: it.name, status: it.status, carriedOut: 0, injected: 1 },
    });
  });

  test('says who may not do what', async () => {
    const { message } = await struckBy('secretsmanager', 'GetSecretValue:before:accessDenied');
    expect(message).toBe('User: someone is not authorized to perform: secretsmanager:GetSecretValue');
  });

  test('names a permission by its prefix, not by the name that requests are signed for', async () => {
    const { message } = await struckBy('monitoring', 'DescribeAlarms:before:accessDenied');
    expect(message).toBe('User: someone is not authorized to perform: cloudwatch:DescribeAlarms');
  });

  test.each(Object.keys(CALLS))('reset of %s is a connection that breaks', async (service) => {
    expect(await struckBy(service, '*:before:reset')).toMatchObject({ name: 'ECONNRESET', carriedOut: 0 });
  });
});

describe('a fault after the call was carried out', () => {
  test.each(['reset', 'timeout', '500', '503', '504'])('%s loses the answer, not the effect', async (kind) => {
    const { name, carriedOut } = await struckBy('rds-data', `ExecuteStatement:after:${kind}`);
    expect(name).not.toBe('none');
    expect(carriedOut).toBe(1);
  });

  test('has the SDK, left to itself, carry the call out three times', async () => {
    expect(await struckBy('rds-data', 'ExecuteStatement:after:reset', 3)).toMatchObject({ carriedOut: 3, injected: 3 });
  });
});

test('latency changes nothing but the time', async () => {
  expect(await struckBy('rds-data', '*:before:latency=5s')).toMatchObject({ name: 'none', carriedOut: 1, injected: 1 });
  expect(await struckBy('rds-data', '*:after:latency=5s')).toMatchObject({ name: 'none', carriedOut: 1 });
});

test('another operation, and another service, are left alone', async () => {
  expect(await struckBy('rds-data', 'BeginTransaction:before:reset')).toMatchObject({ name: 'none', injected: 0 });
  const faults = faultsOf(parseFaults('s3:*:before:reset'));
  const client = await listening({
    'rds-data': withFaults(async () => ({ status: 200, body: '{}' }), 'rds-data', faults, realClock),
  });
  await CALLS['rds-data']!(client);
  expect(faults.injected()).toBe(0);
});
