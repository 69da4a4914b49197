import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, it, onTestFinished } from 'vitest';
import { openCloud } from '../../../lib/local/cloud.ts';
import { assemblyOf, clientOf, temporary } from '../cloud-harness.ts';

const opened = async () => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  return cloud;
};
const exporting = (Name: string) => ({
  Resources: { Bucket: { Type: 'AWS::S3::Bucket' } },
  Outputs: { Bucket: { Value: { Ref: 'Bucket' }, Export: { Name } } },
});
const importing = (name: string) => ({
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::ImportValue': name } } },
  },
  Outputs: { Imported: { Value: { 'Fn::ImportValue': name } } },
});

it('gives one stack what another exports, in the same assembly or an earlier one', async () => {
  const cloud = await opened();
  const [bundles, orders] = await cloud.deploy(
    assemblyOf({ Bundles: exporting('Bundles:Bucket'), Orders: importing('Bundles:Bucket') }),
  );
  expect(orders!.outputs.Imported).toBe(bundles!.resources.Bucket!.ref);
  const [later] = await cloud.deploy(assemblyOf({ Audit: importing('Bundles:Bucket') }));
  expect(later!.outputs.Imported).toBe(bundles!.resources.Bucket!.ref);
  await expect(cloud.deploy(assemblyOf({ Lost: importing('Other:Bucket') }))).rejects.toThrow(
    'no deployed stack exports "Other:Bucket"',
  );
});

it('lets a stack export under a name of its own only, as often as it is deployed', async () => {
  const cloud = await opened();
  await cloud.deploy(assemblyOf({ Bundles: exporting('Shared') }));
  await cloud.deploy(assemblyOf({ Bundles: exporting('Shared') }));
  await expect(cloud.deploy(assemblyOf({ Orders: exporting('Shared') }))).rejects.toThrow(
    'Stack Orders, Outputs.Bucket: Export with name Shared is already exported by stack Bundles.',
  );
});

it('takes what watches and what names an API, though nothing is watched here and no name leads here', async () => {
  const cloud = await opened();
  const Api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'pages', ProtocolType: 'HTTP' } };
  const Stage = {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
  };
  const Domain = {
    Type: 'AWS::ApiGatewayV2::DomainName',
    Properties: {
      DomainName: 'approve.example.com',
      DomainNameConfigurations: [{ CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/1' }],
    },
  };
  const Mapping = {
    Type: 'AWS::ApiGatewayV2::ApiMapping',
    Properties: { ApiId: { Ref: 'Api' }, DomainName: { Ref: 'Domain' }, Stage: { Ref: 'Stage' } },
  };
  const Filter = {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: { Ref: 'Log' },
      FilterPattern: '{ $.level = "ERROR" }',
      MetricTransformations: [{ MetricName: 'Errors', MetricNamespace: 'Lockstep', MetricValue: '1' }],
    },
  };
  const Alarm = {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Threshold: 0 },
  };
  const Resources = { Api, Stage, Domain, Mapping, Log: { Type: 'AWS::Logs::LogGroup' }, Filter, Alarm };
  const Outputs = {
    Name: { Value: { Ref: 'Domain' } },
    Target: { Value: { 'Fn::GetAtt': ['Domain', 'RegionalDomainName'] } },
    Alarm: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } },
  };
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources, Outputs } }));
  expect(stack!.outputs).toMatchObject({
    Name: 'approve.example.com',
    Target: expect.stringMatching(/^d-[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/),
    Alarm: expect.stringMatching(/^arn:aws:cloudwatch:us-east-1:000000000000:alarm:Orders-Alarm-/),
  });
});

it('filters mails as the template says, once the mailbox has confirmed', async () => {
  const cloud = await opened();
  const subscription = (Endpoint: string, more: object) => ({
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint, ...more },
  });
  const Resources = {
    Topic: { Type: 'AWS::SNS::Topic' },
    Anna: subscription('anna@example.com', { FilterPolicy: { approvers: ['anna'] } }),
    Bert: subscription('bert@example.com', {
      FilterPolicy: { run: { state: ['FAILED'] } },
      FilterPolicyScope: 'MessageBody',
    }),
  };
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources } }));
  const TopicArn = stack!.resources.Topic!.ref;
  const client = new SNSClient(clientOf(cloud.endpoint));
  const publish = async (Message: string, approvers: string[]) => {
    const before = cloud.inbox.messages().length;
    const StringValue = JSON.stringify(approvers);
    const MessageAttributes = { approvers: { DataType: 'String.Array', StringValue } };
    await client.send(new PublishCommand({ TopicArn, Message, MessageAttributes }));
    return cloud.inbox
      .messages()
      .slice(before)
      .map(({ to }) => to?.endpoint);
  };
  expect(await publish('x', ['anna'])).toEqual([undefined]);
  for (const { confirmation } of cloud.inbox.messages()) if (confirmation) await fetch(confirmation.url);
  expect(await publish('x', ['anna', 'carl'])).toEqual(['anna@example.com']);
  expect(await publish('{"run":{"state":"FAILED"}}', ['carl'])).toEqual(['bert@example.com']);

  // Another filter in the next deployment; the mailbox needs no second confirmation.
  const Anna = subscription('anna@example.com', { FilterPolicy: { approvers: ['anne'] } });
  await cloud.deploy(assemblyOf({ Orders: { Resources: { ...Resources, Anna } } }));
  expect(await publish('x', ['anna'])).toEqual([undefined]);
  expect(await publish('x', ['anne'])).toEqual(['anna@example.com']);
});
