import { CfnOutput, Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import { attestFunction } from './attest-function.ts';
import { allow, keys, stepFunction } from './functions.ts';
import type { JsonAsset } from './json-asset.ts';
import { secretArn } from './secret-arn.ts';

/** A domain of one's own in front of the endpoint; API Gateway's own address is switched off then. */
export type EndpointDomain = {
  domainName: string;
  /** Of a certificate for that name in the stack's region. Point the name at what the stack puts out. */
  certificateArn: string;
};

type Surroundings = {
  service: string;
  environment: string;
  bucket: Bucket;
  ledger: Table;
  /** Of the machines whose executions ask. */
  stateMachineArns: string[];
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  domain?: EndpointDomain | undefined;
  evidenceKey: Key;
};

/**
 * Where people decide: pages, the command line's requests, and what people press in Slack. Its functions read plans,
 * write decisions and orders to runs, and send decisions to their own state machine; they can neither start a run nor
 * write what it did nor reach a database.
 */
export const approvalEndpoint = (
  scope: Construct,
  it: Surroundings,
): { url: string; api: HttpApi; attest: LambdaFunction } => {
  const decides = allow(
    ['states:SendTaskHeartbeat', 'states:SendTaskSuccess', 'states:SendTaskFailure'],
    it.stateMachineArns,
  );
  const api = new HttpApi(scope, 'ApprovalApi', {
    description: `Approval of migration plans for ${it.service} in ${it.environment}`,
    createDefaultStage: false,
    ...(it.domain ? { disableExecuteApiEndpoint: true } : {}),
  });
  const route = (path: string, methods: HttpMethod[], handler: LambdaFunction, authorizer?: IHttpRouteAuthorizer) =>
    api.addRoutes({
      path,
      methods,
      integration: new HttpLambdaIntegration(`${handler.node.id}${path.split('/')[1]}`, handler),
      ...(authorizer ? { authorizer } : {}),
    });
  const pages = approvalPages(scope, it, decides);
  route('/approvals/{id}', [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.POST], pages);
  const iam = new HttpIamAuthorizer();
  route('/requests', [HttpMethod.GET], pages, iam);
  route('/runs/{run}/approval', [HttpMethod.GET], pages, iam);
  route('/runs/{run}/announcement', [HttpMethod.POST], pages, iam);
  route('/runs/{run}/decision', [HttpMethod.POST], pages, iam);
  route('/runs/{run}/control', [HttpMethod.GET, HttpMethod.POST], pages, iam);
  const attest = attestFunction(scope, it);
  route('/bundles/{digest}/evidence/{name}', [HttpMethod.POST], attest, iam);
  if (it.policy?.slack?.mode === 'app') {
    route('/slack/interactions', [HttpMethod.POST], slackFunctions(scope, it, decides));
  }
  const stage = stageOf(scope, api);
  if (!it.domain) return { url: api.apiEndpoint, api, attest };
  const { domainName, certificateArn } = it.domain;
  const certificate = Certificate.fromCertificateArn(scope, 'ApprovalCertificate', certificateArn);
  const domain = new DomainName(scope, 'ApprovalDomain', { domainName, certificate });
  new ApiMapping(scope, 'ApprovalMapping', { api, domainName: domain, stage });
  new CfnOutput(scope, 'ApprovalDomainTarget', {
    description: `Point ${domainName} here, by an alias or a CNAME.`,
    value: domain.regionalDomainName,
  });
  return { url: `https://${domainName}`, api, attest };
};

const approvalPages = (scope: Construct, it: Surroundings, decides: ReturnType<typeof allow>): LambdaFunction =>
  stepFunction(scope, 'ApprovalPages', {
    handler: 'approvals',
    description: 'Shows plans to approvers and takes their decision.',
    environment: {
      BUCKET: it.bucket.bucketName,
      LEDGER_TABLE: it.ledger.tableName,
      ...slackEnvironment(it.policy),
      ...(it.policyAsset ? { POLICY_BUCKET: it.policyAsset.bucket, POLICY_KEY: it.policyAsset.key } : {}),
    },
    allows: [
      ...(it.policyAsset ? [allow(['s3:GetObject'], [it.policyAsset.arn])] : []),
      allow(['s3:GetObject'], [it.bucket.arnForObjects('bundles/*'), it.bucket.arnForObjects('runs/*/plan.json')]),
      // It makes no links: by them it would be others who decide. It counts their uses.
      allow(
        ['dynamodb:GetItem'],
        [it.ledger.tableArn],
        keys('APPROVAL#*', 'CONTROL#*', 'LEASE', 'LINK#*', 'RUN#*', 'STARTER#*'),
      ),
      allow(['dynamodb:PutItem'], [it.ledger.tableArn], keys('APPROVAL#*', 'CONTROL#*', 'SEEN#*', 'STARTER#*')),
      allow(['dynamodb:ConditionCheckItem'], [it.ledger.tableArn], keys('RUN#*')),
      allow(['dynamodb:UpdateItem'], [it.ledger.tableArn], keys('LINK#*')),
      allow(['dynamodb:Query'], [it.ledger.tableArn], keys('APPROVALS', 'APPROVAL#*')),
      ...slackSecret(scope, it.policy),
      decides,
    ],
    timeout: Duration.seconds(20),
    memorySize: 512,
  });

/** One answers Slack within its three seconds, the other takes the decision. */
const slackFunctions = (scope: Construct, it: Surroundings, decides: ReturnType<typeof allow>): LambdaFunction => {
  const { slack } = it.policy!;
  const decision = stepFunction(scope, 'SlackDecision', {
    handler: 'slack-decision',
    description: 'Takes decisions that were made in Slack.',
    environment: { LEDGER_TABLE: it.ledger.tableName, ...slackEnvironment(it.policy) },
    allows: [
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [it.ledger.tableArn], keys('APPROVAL#*', 'CONTROL#*')),
      allow(['dynamodb:ConditionCheckItem'], [it.ledger.tableArn], keys('RUN#*')),
      ...slackSecret(scope, it.policy),
      decides,
    ],
  });
  return stepFunction(scope, 'SlackInteractions', {
    handler: 'slack-interactions',
    description: 'Hears what people press in Slack.',
    environment: {
      LEDGER_TABLE: it.ledger.tableName,
      SLACK_TEAM: slack?.team ?? '',
      SLACK_CHANNEL: slack?.channel ?? '',
      DECISION_FUNCTION: decision.functionName,
      ...slackEnvironment(it.policy),
    },
    allows: [
      allow(['dynamodb:GetItem'], [it.ledger.tableArn], keys('APPROVAL#*')),
      allow(['dynamodb:PutItem'], [it.ledger.tableArn], keys('SEEN#*')),
      allow(['lambda:InvokeFunction'], [decision.functionArn]),
      ...slackSecret(scope, it.policy),
    ],
    timeout: Duration.seconds(10),
    // More memory is more CPU: Slack waits for three seconds, a cold start included.
    memorySize: 1024,
  });
};

export const slackEnvironment = (policy: ApprovalPolicy | null): Record<string, string> =>
  policy?.slack ? { SLACK_SECRET: policy.slack.secret } : {};

export const slackSecret = (scope: Construct, policy: ApprovalPolicy | null) =>
  policy?.slack ? [allow(['secretsmanager:GetSecretValue'], [secretArn(scope, policy.slack.secret)])] : [];

const stageOf = (scope: Construct, httpApi: HttpApi): HttpStage =>
  new HttpStage(scope, 'ApprovalStage', {
    httpApi,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: 10, burstLimit: 20 },
    accessLogSettings: {
      destination: new LogGroupLogDestination(
        new LogGroup(scope, 'ApprovalAccessLog', { retention: RetentionDays.ONE_YEAR }),
      ),
      // The path holds the link's id, which is a secret: the route is logged instead.
      format: AccessLogFormat.custom(
        JSON.stringify({
          requestId: '$context.requestId',
          time: '$context.requestTime',
          ip: '$context.identity.sourceIp',
          caller: '$context.identity.userArn',
          route: '$context.routeKey',
          status: '$context.status',
          bytes: '$context.responseLength',
          error: '$context.error.message',
        }),
      ),
    },
  });
