import type { Statement } from './statement.ts';

/** What one of AWS's own managed policies says; undefined for one that isn't known here. */
export const awsManagedPolicy = (arn: string): { Statement: Statement[] } | undefined => {
  const name = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? '';
  return Object.hasOwn(policies, name) ? policies[name] : undefined;
};

const allowing = (...Action: string[]): { Statement: Statement[] } => ({
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

/**
 * Those that the CDK gives to functions by itself.
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const policies: Record<string, { Statement: Statement[] }> = {
  'service-role/AWSLambdaBasicExecutionRole': allowing(
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ),
  AWSXRayDaemonWriteAccess: allowing(
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ),
};
