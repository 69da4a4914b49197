import * as ddb from '@aws-sdk/client-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as rds from '@aws-sdk/client-rds';
import * as data from '@aws-sdk/client-rds-data';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../../lib/local/iam/authorizer.ts';
import { guarded } from '../../../lib/local/iam/guard.ts';
import { mappings } from '../../../lib/local/iam/mappings.ts';
import type { Service } from '../../../lib/local/service.ts';
import { type clientOf, listening, place, signedFor } from '../cloud-harness.ts';

const SESSION = 'arn:aws:sts::000000000000:assumed-role/Reader/read';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:machine:one';
const CLUSTER = 'arn:aws:rds:us-east-1:000000000000:cluster:orders';
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:approvals';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Ledger';
const snapshot = (name: string) => `arn:aws:rds:us-east-1:000000000000:cluster-snapshot:${name}`;
const parameter = (name: string) => `arn:aws:ssm:us-east-1:000000000000:parameter/${name}`;

const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
const known = mappings(place, {
  tables: {
    schema: async () => ({
      KeySchema,
      GlobalSecondaryIndexes: [{ IndexName: 'byState', KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }] }],
    }),
  },
  store: { has: (bucket) => bucket === 'bundles' },
  vault: { has: (id) => id === 'db' || id === SECRET, find: () => ({ arn: SECRET }) as never },
  stateMachines: { stateMachineOf: (token) => (token === 'ours' ? MACHINE : undefined) },
});

/** Every service behind the guard: what it is asked to check, and then refuses. */
const refusing = async (
  refused: (checks: Check[]) => boolean = () => true,
  answer: Service = async () => ({ status: 200 }),
) => {
  const asked: Check[] = [];
  const services = Object.fromEntries(Object.keys(known).map((name) => [name, answer])) as Record<
    keyof typeof known,
    Service
  >;
  const refusal = (_: string, checks: Check[]) => {
    asked.push(...checks);
    return refused(checks) ? 'No & <no>.' : undefined;
  };
  const settings = await listening(guarded(services, known, { refusal }), undefined, () => SESSION);
  return { settings, asked };
};

type Sent = { input: object };
const clients = {
  ddb: (settings: ReturnType<typeof clientOf>) => new DynamoDBClient(settings),
  rds: (settings: ReturnType<typeof clientOf>) => new rds.RDSClient(settings),
  data: (settings: ReturnType<typeof clientOf>) => new data.RDSDataClient(settings),
  s3: (settings: ReturnType<typeof clientOf>) => new s3.S3Client({ ...settings, forcePathStyle: true }),
  secrets: (settings: ReturnType<typeof clientOf>) => new secrets.SecretsManagerClient(settings),
  sfn: (settings: ReturnType<typeof clientOf>) => new sfn.SFNClient(settings),
  sns: (settings: ReturnType<typeof clientOf>) => new sns.SNSClient(settings),
  ssm: (settings: ReturnType<typeof clientOf>) => new ssm.SSMClient(settings),
};

const send = async (
  client: keyof typeof clients,
  command: Sent,
  { settings }: { settings: ReturnType<typeof clientOf> },
) =>
  (clients[client](settings) as unknown as { send(it: Sent): Promise<unknown> }).send(command).then(
    () => undefined,
    (error: Error & { $metadata: { httpStatusCode: number } }) => error,
  );

const Key = { pk: { S: 'RUN#1' } };
const item = { TableName: 'Ledger', Key };
const transact = new ddb.TransactWriteItemsCommand({
  TransactItems: [
    { Put: { TableName: 'Ledger', Item: Key } },
    { ConditionCheck: { ...item, ConditionExpression: 'attribute_exists(pk)' } },
  ],
});
const sql = { resourceArn: CLUSTER, secretArn: 'db', sql: 'SELECT 1' };
const Tags = [{ Key: 'run', Value: '1' }];
const taken = { DBClusterIdentifier: 'Orders', DBClusterSnapshotIdentifier: 'lockstep-1' };
const bundle = { Bucket: 'bundles', Key: 'a b/c.json' };
const object = (bucket: string) => `arn:aws:s3:::${bucket}`;

describe('what an operation needs', () => {
  test.each<[keyof typeof clients, Sent, [string, string][]]>([
    ['ddb', new ddb.GetItemCommand(item), [['dynamodb:GetItem', TABLE]]],
    [
      'ddb',
      new ddb.QueryCommand({ TableName: 'Ledger', IndexName: 'byState' }),
      [['dynamodb:Query', `${TABLE}/index/byState`]],
    ],
    [
      'ddb',
      new ddb.BatchGetItemCommand({ RequestItems: { Ledger: { Keys: [Key] } } }),
      [['dynamodb:BatchGetItem', TABLE]],
    ],
    [
      'ddb',
      transact,
      [
        ['dynamodb:PutItem', TABLE],
        ['dynamodb:ConditionCheckItem', TABLE],
      ],
    ],
    ['ddb', new ddb.ListTablesCommand({}), [['dynamodb:ListTables', '*']]],
    [
      'data',
      new data.ExecuteStatementCommand(sql),
      [
        ['rds-data:ExecuteStatement', CLUSTER],
        ['secretsmanager:GetSecretValue', SECRET],
      ],
    ],
    [
      'data',
      new data.CommitTransactionCommand({ ...sql, transactionId: 't' }),
      [
        ['rds-data:CommitTransaction', CLUSTER],
        ['secretsmanager:GetSecretValue', SECRET],
      ],
    ],
    [
      'rds',
      new rds.CreateDBClusterSnapshotCommand(taken),
      [
        ['rds:CreateDBClusterSnapshot', CLUSTER],
        ['rds:CreateDBClusterSnapshot', snapshot('lockstep-1')],
      ],
    ],
    [
      'rds',
      new rds.CreateDBClusterSnapshotCommand({ ...taken, Tags }),
      [
        ['rds:CreateDBClusterSnapshot', CLUSTER],
        ['rds:CreateDBClusterSnapshot', snapshot('lockstep-1')],
        ['rds:AddTagsToResource', snapshot('lockstep-1')],
      ],
    ],
    ['rds', new rds.DescribeDBClusterSnapshotsCommand({}), [['rds:DescribeDBClusterSnapshots', snapshot('*')]]],
    [
      'rds',
      new rds.DescribeDBClustersCommand({ DBClusterIdentifier: 'orders' }),
      [['rds:DescribeDBClusters', CLUSTER]],
    ],
    ['s3', new s3.GetObjectCommand(bundle), [['s3:GetObject', object('bundles/a b/c.json')]]],
    [
      's3',
      new s3.GetObjectCommand({ ...bundle, VersionId: '1' }),
      [['s3:GetObjectVersion', object('bundles/a b/c.json')]],
    ],
    ['s3', new s3.HeadObjectCommand(bundle), [['s3:GetObject', object('bundles/a b/c.json')]]],
    ['s3', new s3.PutObjectCommand({ ...bundle, Body: '1' }), [['s3:PutObject', object('bundles/a b/c.json')]]],
    ['s3', new s3.DeleteObjectCommand(bundle), [['s3:DeleteObject', object('bundles/a b/c.json')]]],
    ['s3', new s3.ListObjectsV2Command({ Bucket: 'bundles' }), [['s3:ListBucket', object('bundles')]]],
    ['s3', new s3.ListBucketsCommand({}), [['s3:ListAllMyBuckets', '*']]],
    ['secrets', new secrets.GetSecretValueCommand({ SecretId: 'db' }), [['secretsmanager:GetSecretValue', SECRET]]],
    ['secrets', new secrets.ListSecretsCommand({}), [['secretsmanager:ListSecrets', '*']]],
    ['sfn', new sfn.StartExecutionCommand({ stateMachineArn: MACHINE }), [['states:StartExecution', MACHINE]]],
    ['sfn', new sfn.DescribeExecutionCommand({ executionArn: EXECUTION }), [['states:DescribeExecution', EXECUTION]]],
    ['sfn', new sfn.SendTaskSuccessCommand({ taskToken: 'ours', output: '{}' }), [['states:SendTaskSuccess', MACHINE]]],
    ['sns', new sns.PublishCommand({ TopicArn: TOPIC, Message: 'x' }), [['SNS:Publish', TOPIC]]],
    ['sns', new sns.UnsubscribeCommand({ SubscriptionArn: `${TOPIC}:1-2` }), [['SNS:Unsubscribe', TOPIC]]],
    [
      'ssm',
      new ssm.GetParameterCommand({ Name: '/lockstep/orders:1' }),
      [['ssm:GetParameter', parameter('lockstep/orders')]],
    ],
    [
      'ssm',
      new ssm.GetParametersCommand({ Names: ['/a', parameter('b')] }),
      [
        ['ssm:GetParameters', parameter('a')],
        ['ssm:GetParameters', parameter('b')],
      ],
    ],
  ])('%s %#', async (client, command, needed) => {
    const it = await refusing();
    expect((await send(client, command, it))?.message).toBeDefined();
    expect(it.asked.map(({ action, resource }) => [action, resource])).toEqual(needed);
  });

  test('says by which partition keys DynamoDB is asked, of the table or of an index', async () => {
    const it = await refusing();
    const query = {
      TableName: 'Ledger',
      KeyConditionExpression: '#p = :p AND begins_with(sk, :s)',
      ExpressionAttributeNames: { '#p': 'pk' },
      ExpressionAttributeValues: { ':p': { S: 'RUN#2' }, ':s': { S: 'x' } },
    };
    await send('ddb', new ddb.UpdateItemCommand(item), it);
    await send('ddb', new ddb.QueryCommand(query), it);
    await send(
      'ddb',
      new ddb.QueryCommand({
        TableName: 'Ledger',
        IndexName: 'byState',
        KeyConditionExpression: 'state=:p',
        ExpressionAttributeValues: query.ExpressionAttributeValues,
      }),
      it,
    );
    await send('ddb', new ddb.ScanCommand({ TableName: 'Ledger' }), it);
    expect(it.asked.map(({ keys }) => keys?.['dynamodb:leadingkeys'])).toEqual([
      ['RUN#1'],
      ['RUN#2'],
      ['RUN#2'],
      undefined,
    ]);
  });
});

describe('a refusal', () => {
  test.each<[keyof typeof clients, Sent, string, number]>([
    ['ddb', new ddb.GetItemCommand(item), 'AccessDeniedException', 400],
    ['data', new data.ExecuteStatementCommand(sql), 'AccessDeniedException', 403],
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
      `User: ${SESSION} is not authorized to perform this operation of states: the local cloud doesn't know which permissions AWS would ask for, so no role may call it.`,
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
