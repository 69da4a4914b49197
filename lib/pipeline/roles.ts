import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { allow } from './functions.ts';

/** The state machine's role: calls its functions, starts its own map runs, reads and writes what they exchange, logs. */
export const stateMachineRole = (
  scope: Construct,
  it: {
    id: string;
    bucket: Bucket;
    /** What it reads and writes there. @default runs/* */
    objects?: string | undefined;
    functions: IFunction[];
    stateMachineArn: string;
    stateMachineName: string;
  },
): Role => {
  const { partition, region, account } = Stack.of(scope);
  const executions = `arn:${partition}:states:${region}:${account}:execution:${it.stateMachineName}`;
  const role = new Role(scope, it.id, {
    assumedBy: new ServicePrincipal('states.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': it.stateMachineArn } },
    }),
    description: `Runs the workflow ${it.stateMachineName}.`,
  });
  for (const statement of [
    allow(
      ['lambda:InvokeFunction'],
      it.functions.map(({ functionArn }) => functionArn),
    ),
    allow(['states:StartExecution'], [it.stateMachineArn]),
    // AWS's policy for distributed maps names the executions, and children of a map stand below a slash.
    allow(['states:DescribeExecution', 'states:StopExecution'], [`${executions}:*`, `${executions}/*`]),
    allow(['states:RedriveExecution'], [`${executions}/*`]),
    allow(
      ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      [it.bucket.arnForObjects(it.objects ?? 'runs/*')],
    ),
    // CloudWatch Logs knows no resources for log delivery, nor X-Ray for traces.
    allow(
      [
        'CreateLogDelivery',
        'GetLogDelivery',
        'UpdateLogDelivery',
        'DeleteLogDelivery',
        'ListLogDeliveries',
        'PutResourcePolicy',
        'DescribeResourcePolicies',
        'DescribeLogGroups',
      ].map((action) => `logs:${action}`),
      ['*'],
    ),
    allow(
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      ['*'],
    ),
  ]) {
    role.addToPolicy(statement);
  }
  return role;
};
