import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as ddb from '@aws-sdk/client-dynamodb';
import * as rds from '@aws-sdk/client-rds';
import * as data from '@aws-sdk/client-rds-data';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import {
  CLUSTER,
  type clients,
  EXECUTION,
  MACHINE,
  parameter,
  refusing,
  SECRET,
  type Sent,
  send,
  snapshot,
  TABLE,
  TOPIC,
} from './guard-harness.ts';

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
const group = (kind: string, name: string) => `arn:aws:rds:us-east-1:000000000000:${kind}:${name}`;
const alarm = (name: string) => `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`;
const object = (bucket: string) => `arn:aws:s3:::${bucket}`;

describe('what an operation needs', () => {
  test.each<[keyof typeof clients, Sent, [string, string][]]>([
    ['ddb', new ddb.GetItemCommand(item), [['dynamodb:GetItem', TABLE]]],
    [
      'ddb',
      new ddb.QueryCommand({ TableName: 'Ledger', IndexName: 'byState' }),
      [['dynamodb:Query', `${TABLE}/index/byState`]],
    ],
    ['ddb', new ddb.ScanCommand({ TableName: 'Ledger' }), [['dynamodb:Scan', TABLE]]],
    [
      'ddb',
      new ddb.ScanCommand({ TableName: 'Ledger', IndexName: 'byState' }),
      [['dynamodb:Scan', `${TABLE}/index/byState`]],
    ],
    [
      'ddb',
      new ddb.BatchGetItemCommand({ RequestItems: { Ledger: { Keys: [Key] } } }),
      [['dynamodb:BatchGetItem', TABLE]],
    ],
    [
      'cloudwatch',
      new cloudwatch.DescribeAlarmsCommand({ AlarmNames: ['slow', 'broken'] }),
      [
        ['cloudwatch:DescribeAlarms', alarm('slow')],
        ['cloudwatch:DescribeAlarms', alarm('broken')],
      ],
    ],
    ['cloudwatch', new cloudwatch.DescribeAlarmsCommand({}), [['cloudwatch:DescribeAlarms', alarm('*')]]],
    [
      'cloudwatch',
      new cloudwatch.DescribeAlarmHistoryCommand({ AlarmName: 'slow' }),
      [['cloudwatch:DescribeAlarmHistory', alarm('slow')]],
    ],
    [
      'cloudwatch',
      new cloudwatch.PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'x'.repeat(250) }] }),
      [['cloudwatch:PutMetricData', '*']],
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
    [
      'rds',
      new rds.RestoreDBClusterFromSnapshotCommand({
        ...{ DBClusterIdentifier: 'orders', SnapshotIdentifier: 'lockstep-1', Engine: 'aurora-postgresql', Tags },
        ...{ DBSubnetGroupName: 'private', DBClusterParameterGroupName: 'ours' },
      }),
      [
        ['rds:RestoreDBClusterFromSnapshot', CLUSTER],
        ['rds:RestoreDBClusterFromSnapshot', snapshot('lockstep-1')],
        ['rds:RestoreDBClusterFromSnapshot', group('subgrp', 'private')],
        ['rds:RestoreDBClusterFromSnapshot', group('cluster-pg', 'ours')],
        ['rds:AddTagsToResource', CLUSTER],
      ],
    ],
    [
      'rds',
      new rds.RestoreDBClusterToPointInTimeCommand({
        ...{ DBClusterIdentifier: 'clone', SourceDBClusterIdentifier: 'orders', UseLatestRestorableTime: true },
      }),
      [
        ['rds:RestoreDBClusterToPointInTime', CLUSTER.replace('orders', 'clone')],
        ['rds:RestoreDBClusterToPointInTime', CLUSTER],
      ],
    ],
    [
      'rds',
      new rds.CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: 'one', DBClusterIdentifier: 'orders', Engine: 'aurora-postgresql' },
        ...{ DBInstanceClass: 'db.serverless', DBParameterGroupName: 'ours' },
      }),
      [
        ['rds:CreateDBInstance', group('db', 'one')],
        ['rds:CreateDBInstance', CLUSTER],
        ['rds:CreateDBInstance', group('pg', 'ours')],
      ],
    ],
    ['rds', new rds.DescribeDBInstancesCommand({}), [['rds:DescribeDBInstances', group('db', '*')]]],
    ['sfn', new sfn.RedriveExecutionCommand({ executionArn: EXECUTION }), [['states:RedriveExecution', EXECUTION]]],
    [
      'rds',
      new rds.DeleteDBInstanceCommand({ DBInstanceIdentifier: 'One' }),
      [['rds:DeleteDBInstance', group('db', 'one')]],
    ],
    [
      'rds',
      new rds.ModifyDBClusterCommand({ DBClusterIdentifier: 'orders', NewDBClusterIdentifier: 'old' }),
      [['rds:ModifyDBCluster', CLUSTER]],
    ],
    [
      'rds',
      new rds.DeleteDBClusterCommand({ DBClusterIdentifier: 'orders', FinalDBSnapshotIdentifier: 'lockstep-1' }),
      [
        ['rds:DeleteDBCluster', CLUSTER],
        ['rds:DeleteDBCluster', snapshot('lockstep-1')],
      ],
    ],
    ['rds', new rds.DescribeAccountAttributesCommand({}), [['rds:DescribeAccountAttributes', '*']]],
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
      'sns',
      new sns.PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries: [{ Id: 'a', Message: 'x' }] }),
      [['SNS:Publish', TOPIC]],
    ],
    ['sns', new sns.ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token: 'x' }), [['SNS:ConfirmSubscription', TOPIC]]],
    [
      'sns',
      new sns.GetSubscriptionAttributesCommand({ SubscriptionArn: `${TOPIC}:1-2` }),
      [['SNS:GetSubscriptionAttributes', TOPIC]],
    ],
    [
      'sns',
      new sns.SetSubscriptionAttributesCommand({ SubscriptionArn: `${TOPIC}:1-2`, AttributeName: 'FilterPolicy' }),
      [['SNS:SetSubscriptionAttributes', TOPIC]],
    ],
    [
      'ssm',
      new ssm.GetParameterCommand({ Name: '/lockstep/orders:1' }),
      [['ssm:GetParameter', parameter('lockstep/orders')]],
    ],
    [
      'ssm',
      new ssm.GetCalendarStateCommand({ CalendarNames: ['changes'] }),
      [['ssm:GetCalendarState', 'arn:aws:ssm:us-east-1:000000000000:document/changes']],
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
