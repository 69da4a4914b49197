import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack, Stage } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { expect, it, onTestFinished } from 'vitest';
import { openCloud } from '../../../lib/local/cloud.ts';
import { jsonCall, temporary } from '../cloud-harness.ts';

const pages = (scope: Stack, code: string) => {
  const table = new TableV2(scope, 'Ledger', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    globalSecondaryIndexes: [{ indexName: 'byState', partitionKey: { name: 'state', type: AttributeType.STRING } }],
    timeToLiveAttribute: 'ttl',
  });
  const bucket = new Bucket(scope, 'Bundles', { versioned: true, enforceSSL: true });
  const topic = new Topic(scope, 'Approvals', {
    enforceSSL: true,
    masterKey: new Key(scope, 'Key', { enableKeyRotation: true }),
  });
  const filterPolicy = { approver: SubscriptionFilter.stringFilter({ allowlist: ['anna'] }) };
  topic.addSubscription(new EmailSubscription('anna@example.com', { filterPolicy }));
  const handler = new LambdaFunction(scope, 'Pages', {
    ...{
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code),
      timeout: Duration.seconds(10),
    },
    ...{ logGroup: new LogGroup(scope, 'Log'), loggingFormat: LoggingFormat.JSON, tracing: Tracing.ACTIVE },
    environment: { LEDGER: table.tableName, TOPIC: topic.topicArn },
  });
  table.grantReadWriteData(handler);
  topic.grantPublish(handler);
  bucket.grantRead(handler);
  const api = new HttpApi(scope, 'Api');
  const integration = new HttpLambdaIntegration('Integration', handler);
  api.addRoutes({ path: '/approvals/{id}', methods: [HttpMethod.GET], integration });
  const [decision] = api.addRoutes({
    ...{ path: '/decisions/{id}', methods: [HttpMethod.POST], integration },
    authorizer: new HttpIamAuthorizer(),
  });
  const approver = new Role(scope, 'Approver', { assumedBy: new AccountRootPrincipal(), roleName: 'approver' });
  decision!.grantInvoke(approver);
  new CfnOutput(scope, 'Url', { value: api.apiEndpoint });
  new StringParameter(scope, 'Parameter', {
    parameterName: '/lockstep/orders',
    stringValue: scope.toJsonString({ url: api.apiEndpoint }),
  });
  return { bucket };
};

it('deploys what the CDK synthesises, stages and references between stacks included', async () => {
  const code = join(temporary(), 'code');
  mkdirSync(code);
  writeFileSync(
    join(code, 'index.js'),
    `const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
    exports.handler = async ({ pathParameters: { id } }) => {
      const approver = { DataType: 'String', StringValue: 'anna' };
      await new SNSClient({}).send(new PublishCommand({ TopicArn: process.env.TOPIC, Message: id, MessageAttributes: { approver } }));
      return { statusCode: 200, headers: { 'content-type': 'text/html' }, body: '<p>' + process.env.LEDGER };
    };`,
  );
  const app = new App({ outdir: join(temporary(), 'cdk.out') });
  const stage = new Stage(app, 'Staging');
  const { bucket } = pages(new Stack(stage, 'Orders'), code);
  const audit = new Stack(stage, 'Audit');
  new CfnOutput(audit, 'Bundles', { value: bucket.bucketArn });
  new Topic(audit, 'Topic', { displayName: bucket.bucketName });
  new Topic(new Stack(app, 'Alone'), 'Topic');
  const { directory } = app.synth();

  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  const deployed = await cloud.deploy(directory);
  expect(deployed.map(({ name }) => name).sort()).toEqual(['Alone', 'Staging-Audit', 'Staging-Orders']);
  const orders = deployed.find(({ name }) => name === 'Staging-Orders')!;
  const resource = (type: string) => Object.values(orders.resources).find((it) => it.type === type)!;

  expect(deployed.find(({ name }) => name === 'Staging-Audit')!.outputs.Bundles).toBe(
    resource('AWS::S3::Bucket').attributes.Arn,
  );
  const { Url } = orders.outputs;
  const { body } = await jsonCall(cloud.endpoint, 'ssm', 'AmazonSSM.GetParameter', { Name: '/lockstep/orders' });
  expect(JSON.parse(body.Parameter.Value)).toEqual({ url: Url });
  await fetch(cloud.inbox.messages()[0]!.confirmation!.url);
  const page = await fetch(`${Url}/approvals/42`);
  expect([page.headers.get('content-type'), await page.text()]).toEqual([
    'text/html',
    `<p>${resource('AWS::DynamoDB::GlobalTable').ref}`,
  ]);
  expect(cloud.inbox.messages().slice(1)).toMatchObject([{ body: '42', to: { endpoint: 'anna@example.com' } }]);
  expect(cloud.roles.statements(resource('AWS::IAM::Role').ref)).toContainEqual({
    ...{ Action: 'sns:Publish', Effect: 'Allow' },
    Resource: resource('AWS::SNS::Topic').ref,
  });
});
