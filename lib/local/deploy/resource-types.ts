import type { Resource } from './resource.ts';
import { bucketPolicy, eventBusPolicy, topicPolicy } from './resources/access.ts';
import { alarm } from './resources/alarm.ts';
import { dashboard, logGroup, metricFilter, resourcePolicy } from './resources/bystanders.ts';
import { parameter, secret } from './resources/configuration.ts';
import { document } from './resources/document.ts';
import { alias, lambdaFunction, permission, version } from './resources/functions.ts';
import { managedPolicy, policy, role } from './resources/identity.ts';
import { key, keyAlias } from './resources/keys.ts';
import { subscription, topic } from './resources/messaging.ts';
import { rule } from './resources/rule.ts';
import { schedule } from './resources/schedule.ts';
import { stateMachine } from './resources/state-machine.ts';
import { bucket, globalTable, table } from './resources/storage.ts';
import { api, apiMapping, domainName, integration, route, stage } from './resources/web.ts';

/** Every type of resource the local cloud can make. Any other is refused at deployment. */
export const resourceTypes: Record<string, Resource> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::ApiMapping': apiMapping,
  'AWS::ApiGatewayV2::DomainName': domainName,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::CDK::Metadata': resourcePolicy,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::DynamoDB::GlobalTable': globalTable,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::EventBusPolicy': eventBusPolicy,
  'AWS::Events::Rule': rule,
  'AWS::IAM::ManagedPolicy': managedPolicy,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::KMS::Alias': keyAlias,
  'AWS::KMS::Key': key,
  'AWS::Lambda::Alias': alias,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Version': version,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Logs::MetricFilter': metricFilter,
  'AWS::Logs::ResourcePolicy': resourcePolicy,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SSM::Document': document,
  'AWS::SSM::Parameter': parameter,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::SecretsManager::Secret': secret,
  'AWS::StepFunctions::StateMachine': stateMachine,
};
