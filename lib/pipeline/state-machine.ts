import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StateMachine } from './asl.ts';
import { stateMachineRole } from './roles.ts';

/** Known before the machine is there: roles of its functions name it. */
export const stateMachineArn = (scope: Construct, resourceName: string): string =>
  Arn.format(
    { service: 'states', resource: 'stateMachine', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME },
    Stack.of(scope),
  );

/** A workflow as a state machine with a role and a log of its own. */
export const stateMachine = (
  scope: Construct,
  it: {
    /** Which of an environment's machines; '' is the one that changes the fleet. */
    kind: '' | 'Restore' | 'Preview' | 'Drift';
    stateMachineName: string;
    definition: StateMachine;
    bucket: Bucket;
    /** What it reads and writes there. @default runs/* */
    objects?: string;
    functions: IFunction[];
  },
): CfnStateMachine => {
  const { stateMachineName, bucket, objects, functions } = it;
  const id = `${it.kind || 'State'}Machine`;
  // AWS asks for this prefix: it keeps the log group out of a resource policy that may hold 5,120 characters in all.
  const log = new LogGroup(scope, `${it.kind}Log`, {
    logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
    retention: RetentionDays.ONE_YEAR,
  });
  const role = stateMachineRole(scope, {
    ...{ id: `${id}Role`, bucket, objects, functions, stateMachineName },
    stateMachineArn: stateMachineArn(scope, stateMachineName),
  });
  const machine = new CfnStateMachine(scope, id, {
    stateMachineName,
    stateMachineType: 'STANDARD',
    roleArn: role.roleArn,
    definitionString: Stack.of(scope).toJsonString(it.definition),
    // Execution data holds task tokens.
    loggingConfiguration: {
      level: 'ALL',
      includeExecutionData: false,
      destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: log.logGroupArn } }],
    },
    tracingConfiguration: { enabled: true },
  });
  machine.node.addDependency(role);
  return machine;
};
