import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type HandlerName, handlerCode } from './handlers.ts';

export type StepProps = {
  handler: HandlerName;
  description: string;
  environment: Record<string, string>;
  /** All that the function may do besides writing its own log and traces. */
  allows: PolicyStatement[];
  /** @default 60 seconds */
  timeout?: Duration;
  /** MB. @default 256 */
  memorySize?: number;
};

/** A small function with a log group and a role of its own; nothing is shared, nothing is managed elsewhere. */
export const stepFunction = (scope: Construct, id: string, props: StepProps): LambdaFunction => {
  const logGroup = new LogGroup(scope, `${id}Log`, { retention: RetentionDays.ONE_YEAR });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `${props.description} Used by that function only.`,
  });
  logGroup.grantWrite(role);
  for (const statement of props.allows) role.addToPolicy(statement);
  return new LambdaFunction(scope, id, {
    description: props.description,
    code: handlerCode(props.handler),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: props.memorySize ?? 256,
    timeout: props.timeout ?? Duration.seconds(60),
    environment: { POWERTOOLS_SERVICE_NAME: 'lockstep', ...props.environment },
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    tracing: Tracing.ACTIVE,
  });
};

/** Prefixes of the ledger's keys that a function may touch. */
export const keys = (...prefixes: string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes } });

export const allow = (actions: string[], resources: string[], conditions?: Record<string, unknown>): PolicyStatement =>
  new PolicyStatement({ actions, resources, ...(conditions ? { conditions } : {}) });
