import * as ddb from '@aws-sdk/client-dynamodb';
import * as rds from '@aws-sdk/client-rds';
import * as data from '@aws-sdk/client-rds-data';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../../lib/local/iam/authorizer.ts';
import type { Service } from '../../../lib/local/service.ts';
import { signedFor } from '../cloud-harness.ts';
import { CLUSTER, type clients, MACHINE, refusing, SESSION, type Sent, send, TOPIC } from './guard-harness.ts';

const bundle = { Bucket: 'bundles', Key: 'a b/c.json' };

describe('a refusal', () => {
  test.each<[keyof typeof clients, Sent, string, number]>([
    ['ddb', new ddb.GetItemCommand({ TableName: 'Ledger', Key: { pk: { S: 'RUN#1' } } }), 'AccessDeniedException', 400],
    [
      'data',
      new data.ExecuteStatementCommand({ resourceArn: CLUSTER, secretArn: 'db', sql: 'SELECT 1' }),
      'AccessDeniedException',
      403,
    ],
    ['rds', new rds.DescribeDBClustersCommand({}), 'AccessDenied', 403],
    ['s3', new s3.GetObjectCommand(bundle), 'AccessDenied', 403],
    ['secrets', new secrets.GetSecretValueCommand({ SecretId: 'db' }), 'AccessDeniedException', 400],
    ['sfn', new sfn.StartExecutionCommand({ stateMachineArn: MACHINE }), 'AccessDeniedException', 400],
    ['sns', new sns.PublishCommand({ TopicArn: TOPIC, Message: 'x' }), 'AuthorizationError', 403],
    ['ssm', new ssm.GetParameterCommand({ Name: '/a' }), 'AccessDeniedException', 400],
  ])('of %s has AWS’s code and status, and the sentence', async (client, command, name, status) => {
    const error = await send(client, command, await refusing());
    expect([error?.message, error?.$metadata.httpStatusCode]).toEqual(['No & <no>.', status]);
    // SNS's model adds Exception to what is on the wire.
    expect(error?.name.replace('ErrorException', 'Error')).toBe(name);
  });

  test('of Lambda is a 403 with a capital Message', async () => {
    const { settings } = await refusing();
    const path = `${settings.endpoint}/2015-03-31/functions/step/invocations?Qualifier=live`;
    const response = await fetch(path, { method: 'POST', headers: signedFor('lambda') });
    expect([response.status, response.headers.get('x-amzn-errortype'), await response.json()]).toEqual([
      403,
      'AccessDeniedException',
      { Message: 'No & <no>.' },
    ]);
  });

  test('meets every operation that nobody has thought of', async () => {
    const it = await refusing(() => false);
    const error = await send('sfn', new sfn.ListActivitiesCommand({}), it);
    expect(error?.message).toBe(
      `User: ${SESSION} is not authorized to perform this operation of states: the local cloud doesn't know which permissions AWS would ask for, so no role and no user may call it.`,
    );
  });
});

test('who one is, may be asked without any permission', async () => {
  const { settings, asked } = await refusing(({ length }) => length > 0);
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const response = await fetch(settings.endpoint, { method: 'POST', headers: signedFor('sts'), body });
  expect([response.status, asked]).toEqual([200, []]);
});

test('a missing object is told of only to those who may list its bucket', async () => {
  const gone: Service = async () => ({ status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' });
  const listing = (checks: Check[]) => checks.some(({ action }) => action === 's3:ListBucket');
  const hidden = await send('s3', new s3.GetObjectCommand(bundle), await refusing(listing, gone));
  expect(hidden?.name).toBe('AccessDenied');
  const shown = await send('s3', new s3.GetObjectCommand(bundle), await refusing(() => false, gone));
  expect(shown?.name).toBe('NoSuchKey');
});

test('a missing bucket is told of to everyone', async () => {
  const gone: Service = async () => ({ status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' });
  const it = await refusing(({ length }) => length > 0, gone);
  expect((await send('s3', new s3.GetObjectCommand({ ...bundle, Bucket: 'elsewhere' }), it))?.name).toBe(
    'NoSuchBucket',
  );
});
