// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openCloud } from '../../lib/local/cloud.ts';
import { assemblyOf, clientOf, jsonCall, signedFor, temporary } from './cloud-harness.ts';

const opened = async (directory = temporary(), log = (_: string) => {}) => {
  const cloud = await openCloud({ directory, log });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= cloud.stop());
  onTestFinished(stop);
  return { ...cloud, stop };
};

const role = (service: string, ...allowed: { Action: string; Resource: unknown }[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
    },
    ...(allowed.length > 0 && {
      Policies: [
        {
          PolicyName: 'own',
          PolicyDocument: { Version: '2012-10-17', Statement: allowed.map((it) => ({ Effect: 'Allow', ...it })) },
        },
      ],
    }),
  },
});
const functionOf = (source: string, Variables: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{ Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: source } },
    ...{ Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Environment: { Variables } },
  },
});

it('deploys a stack whose function uses the other services as its role, through the SDK and its endpoint alone', async () => {
  const source = `
    const { S3Client, PutObjectCommand } = require('@aws-sdk/client-s3');
    exports.handler = async ({ key }) => {
      await new S3Client({}).send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: key, Body: 'made by the function' }));
      return key;
    };`;
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Make',
    States: {
      Make: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: '${Make}', Payload: '{% $states.input %}' },
        Output: '{% $states.result.Payload %}',
        End: true,
      },
    },
  };
  const { deploy, endpoint, transitions } = await opened();
  const [stack] = await deploy(
    assemblyOf({
      Orders: {
        Resources: {
          Bucket: { Type: 'AWS::S3::Bucket' },
          Role: role('lambda.amazonaws.com', {
            Action: 's3:PutObject',
            Resource: { 'Fn::Sub': '${Bucket.Arn}/a/*' },
          }),
          Make: functionOf(source, { BUCKET: { Ref: 'Bucket' } }),
          MachineRole: role('states.amazonaws.com', {
            Action: 'lambda:InvokeFunction',
            Resource: { 'Fn::GetAtt': ['Make', 'Arn'] },
          }),
          Machine: {
            Type: 'AWS::StepFunctions::StateMachine',
            Properties: {
              RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
              DefinitionString: JSON.stringify(definition),
              DefinitionSubstitutions: { Make: { 'Fn::GetAtt': ['Make', 'Arn'] } },
            },
          },
        },
        Outputs: { Machine: { Value: { Ref: 'Machine' } }, Bucket: { Value: { Ref: 'Bucket' } } },
      },
    }),
  );
  const states = new SFNClient(clientOf(endpoint));
  const started = await states.send(
    new StartExecutionCommand({ stateMachineArn: stack!.outputs.Machine, input: '{"key":"a/b"}' }),
  );
  const { executionArn } = started;
  const described = await vi.waitFor(async () => {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
    expect(execution.status).not.toBe('RUNNING');
    return execution;
  }, 10_000);
  expect([described.status, described.output, described.cause]).toEqual(['SUCCEEDED', '"a/b"', undefined]);
  expect(transitions(executionArn!)).toBeGreaterThan(0);
  const object = await new S3Client(clientOf(endpoint)).send(
    new GetObjectCommand({ Bucket: stack!.outputs.Bucket, Key: 'a/b' }),
  );
  expect(await object.Body!.transformToString()).toBe('made by the function');
});

it('knows who calls: the function’s session of its role, or the account’s owner', async () => {
  const source = `const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
    exports.handler = async ({ forged }) => {
      if (!forged) return new STSClient({}).send(new GetCallerIdentityCommand({}));
      const authorization = 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260105/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=' + '0'.repeat(64);
      const headers = { authorization, 'x-amz-security-token': process.env.AWS_SESSION_TOKEN };
      const answer = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body: 'Action=GetCallerIdentity' });
      return answer.status;
    };`;
  const { deploy, endpoint, roles } = await opened();
  const [stack] = await deploy(
    assemblyOf({ Orders: { Resources: { Role: role('lambda.amazonaws.com'), F: functionOf(source) } } }),
  );
  const { Role, F } = stack!.resources;
  const invoke = async (event: object) => {
    const address = `${endpoint}/2015-03-31/functions/${F!.ref}/invocations`;
    const init = { method: 'POST', headers: signedFor('lambda'), body: JSON.stringify(event) };
    return (await fetch(address, init)).json();
  };
  const Arn = `arn:aws:sts::000000000000:assumed-role/${Role!.ref}/${F!.ref}`;
  expect(await invoke({})).toMatchObject({ Arn, UserId: expect.stringMatching(new RegExp(`^AROA.*:${F!.ref}$`)) });
  expect(await invoke({ forged: true })).toBe(400);
  expect(roles.find(Role!.ref).trust.Statement[0]).toMatchObject({
    Principal: { Service: 'lambda.amazonaws.com' },
  });
  const own = await fetch(endpoint, { method: 'POST', headers: signedFor('sts'), body: 'Action=GetCallerIdentity' });
  expect(await own.text()).toContain('<Arn>arn:aws:iam::000000000000:root</Arn>');
});

it('finds everything again in the directory it left', async () => {
  const directory = temporary();
  const assembly = assemblyOf({
    Orders: {
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket', Properties: { VersioningConfiguration: { Status: 'Enabled' } } },
        Ledger: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        },
        Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: { PasswordLength: 40 } } },
      },
    },
  });
  const seen = async () => {
    const { deploy, endpoint, stop } = await opened(directory);
    const [{ resources } = { resources: {} as never }] = await deploy(assembly);
    const [Bucket, TableName, SecretId] = ['Bucket', 'Ledger', 'Secret'].map((id) => resources[id]!.ref);
    const settings = clientOf(endpoint);
    const s3 = new S3Client(settings);
    await s3.send(new PutObjectCommand({ Bucket, Key: `at-${Date.now()}-${Math.random()}`, Body: 'x' }));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const { Table } = await new DynamoDBClient(settings).send(new DescribeTableCommand({ TableName }));
    const { SecretString } = await new SecretsManagerClient(settings).send(new GetSecretValueCommand({ SecretId }));
    await stop();
    return {
      names: [Bucket, TableName, SecretId],
      objects: Contents.length,
      table: Table?.TableId,
      password: SecretString,
    };
  };
  const first = await seen();
  expect(first.password).toHaveLength(40);
  expect(await seen()).toEqual({ ...first, objects: 2 });
});

it('deploys stacks in the order of what they import, and nested stages with them', async () => {
  const topic = { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'shared' } };
  const directory = assemblyOf({
    Second: { Resources: {}, Outputs: { Imported: { Value: { 'Fn::ImportValue': 'SharedTopic' } } } },
    First: {
      Resources: { Topic: topic },
      Outputs: { Topic: { Value: { Ref: 'Topic' }, Export: { Name: 'SharedTopic' } } },
    },
  });
  const stage = assemblyOf({ Nested: { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } } });
  const stack = (name: string, dependencies: string[] = []) => ({
    ...{ type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', dependencies },
    properties: { templateFile: `${name}.template.json`, stackName: `orders-${name}` },
  });
  const artifacts = {
    Second: stack('Second', ['First']),
    First: stack('First'),
    Stage: { type: 'cdk:cloud-assembly', properties: { directoryName: stage } },
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts }));
  const { deploy } = await opened();
  const deployed = await deploy(directory);
  expect(deployed.map(({ name }) => name)).toEqual(['orders-First', 'orders-Second', 'Nested']);
  expect(deployed[1]!.outputs).toEqual({ Imported: 'arn:aws:sns:us-east-1:000000000000:shared' });
});

it('puts file assets where the template looks for them', async () => {
  const directory = assemblyOf({ Orders: { Resources: {} } });
  writeFileSync(join(directory, 'fleet.json'), '{"clusters":[]}');
  const bucketName = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
  const files = {
    f: {
      source: { path: 'fleet.json', packaging: 'file' },
      destinations: { here: { bucketName, objectKey: 'f.json' } },
    },
  };
  writeFileSync(join(directory, 'Orders.assets.json'), JSON.stringify({ version: '55.0.0', files, dockerImages: {} }));
  const artifacts = {
    'Orders.assets': { type: 'cdk:asset-manifest', properties: { file: 'Orders.assets.json' } },
    Orders: {
      type: 'aws:cloudformation:stack',
      dependencies: ['Orders.assets'],
      properties: { templateFile: 'Orders.template.json' },
    },
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts }));
  const { deploy, endpoint } = await opened();
  await deploy(directory);
  const Bucket = 'cdk-hnb659fds-assets-000000000000-us-east-1';
  const object = await new S3Client(clientOf(endpoint)).send(new GetObjectCommand({ Bucket, Key: 'f.json' }));
  expect(await object.Body!.transformToString()).toBe('{"clusters":[]}');
});

it('delivers what is published to mailboxes and functions that may be called', async () => {
  const lines: string[] = [];
  const subscribe = (Protocol: string, Endpoint: unknown) => ({
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'Topic' }, Protocol, Endpoint },
  });
  const { deploy, endpoint, inbox } = await opened(temporary(), (line) => lines.push(line));
  const echo = `const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
    exports.handler = async ({ Records: [{ Sns }] }) => {
      if (Sns.Message !== 'echo') await new SNSClient({}).send(new PublishCommand({ TopicArn: Sns.TopicArn, Message: 'echo' }));
    };`;
  const resources = {
    Topic: { Type: 'AWS::SNS::Topic' },
    Mail: subscribe('email', 'a@example.com'),
    Role: role('lambda.amazonaws.com', { Action: 'sns:Publish', Resource: { Ref: 'Topic' } }),
    Allowed: functionOf(echo),
    AllowedSubscription: subscribe('lambda', { 'Fn::GetAtt': ['Allowed', 'Arn'] }),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        ...{
          FunctionName: { 'Fn::GetAtt': ['Allowed', 'Arn'] },
          Action: 'lambda:InvokeFunction',
          Principal: 'sns.amazonaws.com',
        },
        SourceArn: { Ref: 'Topic' },
      },
    },
    Forbidden: functionOf('exports.handler = async () => {}'),
    ForbiddenSubscription: subscribe('lambda', { 'Fn::GetAtt': ['Forbidden', 'Arn'] }),
  };
  const [stack] = await deploy(assemblyOf({ Orders: { Resources: resources } }));
  const TopicArn = stack!.resources.Topic!.ref;
  // The mailbox's owner opens the link.
  expect(await (await fetch(inbox.messages()[0]!.confirmation!.url)).text()).toContain(TopicArn);
  await new SNSClient(clientOf(endpoint)).send(new PublishCommand({ TopicArn, Subject: 'Hello', Message: 'one' }));
  await vi.waitFor(
    () =>
      expect(inbox.messages().map(({ body, to }) => [body, to?.endpoint])).toContainEqual(['echo', 'a@example.com']),
    10_000,
  );
  expect(inbox.messages()[1]).toMatchObject({
    subject: 'Hello',
    body: 'one',
    to: { protocol: 'email', endpoint: 'a@example.com' },
  });
  expect(lines[0]).toContain('has no permission to invoke');
});

it.each([
  ['a type', { Q: { Type: 'AWS::SQS::Queue' } }, "Stack Orders, Q: the local cloud can't make an AWS::SQS::Queue."],
  [
    'a property',
    { T: { Type: 'AWS::SNS::Topic', Properties: { FifoTopic: true } } },
    'Stack Orders, T.Properties: the local cloud doesn\'t honour this: Unrecognized key: "FifoTopic".',
  ],
  [
    'a value',
    {
      F: {
        Type: 'AWS::Lambda::Function',
        Properties: { Runtime: 'python3.14', Handler: 'h', Role: 'r', Code: { ZipFile: '' } },
      },
    },
    "Stack Orders, F.Properties.Runtime: the local cloud doesn't honour this",
  ],
  [
    'a rule that would fire',
    { R: { Type: 'AWS::Events::Rule', Properties: { State: 'ENABLED', ScheduleExpression: 'rate(1 hour)' } } },
    'only a rule with State DISABLED can be had',
  ],
  [
    'an API’s address put together by hand',
    {
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'pages', ProtocolType: 'HTTP' } },
      Url: {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Type: 'String',
          Value: { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/' },
        },
      },
    },
    "Stack Orders, Url.Properties.Value: it holds the API's address on AWS. Use the API's attribute ApiEndpoint instead",
  ],
])('refuses %s that it could not honour, naming the place', async (_, Resources, message) => {
  const { deploy } = await opened();
  await expect(deploy(assemblyOf({ Orders: { Resources } }))).rejects.toThrow(message);
});

it('refuses a stack made for another account or Region', async () => {
  const { deploy } = await opened();
  const elsewhere = assemblyOf({ Orders: { Resources: {} } }, { environment: 'aws://123456789012/eu-west-1' });
  await expect(deploy(elsewhere)).rejects.toThrow(
    'Stack Orders is made for aws://123456789012/eu-west-1, but the local cloud stands in aws://000000000000/us-east-1. Open it with that place.',
  );
});

it('refuses a table that was kept and is not the one wanted', async () => {
  const directory = temporary();
  const table = (name: string) => ({
    Orders: {
      Resources: {
        T: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            AttributeDefinitions: [{ AttributeName: name, AttributeType: 'S' }],
            KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
          },
        },
      },
    },
  });
  const { deploy } = await opened(directory);
  await deploy(assemblyOf(table('pk')));
  await expect(deploy(assemblyOf(table('id')))).rejects.toThrow(
    'was kept from an earlier run and has other keys or indexes',
  );
});

it.each([
  ['a file', '/etc/passwd'],
  ['a place below a file', '/etc/passwd/below'],
  ['a place where no folder can be made', '/proc/lockstep'],
])('refuses to keep its state in %s', async (_, directory) => {
  await expect(openCloud({ directory })).rejects.toMatchObject({ name: 'StateUnusable', details: { directory } });
});

it('refuses a directory that another local cloud is using', async () => {
  const directory = temporary();
  await opened(directory);
  await expect(openCloud({ directory })).rejects.toMatchObject({ name: 'StateInUse' });
});

it('makes a cluster with its secret once, and answers SQL on it', async () => {
  const directory = temporary();
  const ask = async () => {
    const { createCluster, endpoint, dataApiCalls, place, stop } = await opened(directory);
    await createCluster({ identifier: 'tenants', databases: ['orders'], secret: 'tenants/master' });
    const settings = clientOf(endpoint);
    const { ARN, SecretString = '' } = await new SecretsManagerClient(settings).send(
      new GetSecretValueCommand({ SecretId: 'tenants/master' }),
    );
    const { DBClusters = [] } = await new RDSClient(settings).send(new DescribeDBClustersCommand({}));
    const resourceArn = DBClusters[0]?.DBClusterArn;
    const statement = {
      resourceArn,
      secretArn: ARN,
      database: 'orders',
      sql: 'SELECT current_database() || current_user',
    };
    const { records } = await new RDSDataClient(settings).send(new ExecuteStatementCommand(statement));
    expect([dataApiCalls(resourceArn), dataApiCalls('arn:other')]).toEqual([1, 0]);
    await stop();
    expect(resourceArn).toBe(`arn:aws:rds:${place.region}:${place.account}:cluster:tenants`);
    return { password: JSON.parse(SecretString).password, answer: records?.[0]?.[0]?.stringValue };
  };
  const first = await ask();
  expect(first).toEqual({ password: expect.stringMatching(/^[A-Za-z0-9]{32}$/), answer: 'ordersmigrator' });
  expect(await ask()).toEqual(first);
});

it('tells SDKs and the AWS CLI by environment variables where it is', async () => {
  const { environment, endpoint } = await opened();
  expect(environment()).toEqual({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const { body } = await jsonCall(endpoint, 'ssm', 'AmazonSSM.GetParameter', {
    Name: '/cdk-bootstrap/hnb659fds/version',
  });
  expect(Number(body.Parameter.Value)).toBeGreaterThanOrEqual(6);
});
