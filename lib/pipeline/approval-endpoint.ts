import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { allow, stepFunction } from './functions.ts';

/**
 * The pages where people approve, behind an HTTP API. Its function reads plans, writes decisions and sends them to its
 * own state machine; it can neither start a run nor reach a database.
 */
export const approvalEndpoint = (
  scope: Construct,
  it: { bucket: Bucket; ledger: Table; stateMachineArn: string },
): { url: string } => {
  const pages = stepFunction(scope, 'ApprovalPages', {
    handler: 'approvals',
    description: 'Shows plans to approvers and takes their decision.',
    environment: { BUCKET: it.bucket.bucketName, LEDGER_TABLE: it.ledger.tableName },
    allows: [
      allow(['s3:GetObject'], [it.bucket.arnForObjects('bundles/*'), it.bucket.arnForObjects('runs/*/plan.json')]),
      allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [it.ledger.tableArn], {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['APPROVAL#*'] },
      }),
      allow(['states:SendTaskHeartbeat', 'states:SendTaskSuccess', 'states:SendTaskFailure'], [it.stateMachineArn]),
    ],
    timeout: Duration.seconds(20),
    memorySize: 512,
  });
  const api = new HttpApi(scope, 'ApprovalApi', {
    description: 'Approval of migration plans',
    createDefaultStage: false,
  });
  api.addRoutes({
    path: '/approvals/{id}',
    methods: [HttpMethod.GET, HttpMethod.POST],
    integration: new HttpLambdaIntegration('Pages', pages),
  });
  new HttpStage(scope, 'ApprovalStage', {
    httpApi: api,
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
          route: '$context.routeKey',
          status: '$context.status',
          bytes: '$context.responseLength',
          error: '$context.error.message',
        }),
      ),
    },
  });
  return { url: api.apiEndpoint };
};
