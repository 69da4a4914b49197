import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What a restore's state machine is called. */
export const restoreMachineName = (stateMachineName: string): string => `${stateMachineName}-restore`;

export const restoreMachineArn = (scope: Construct, stateMachineName: string): string =>
  Arn.format(
    {
      ...{ service: 'states', resource: 'stateMachine', resourceName: restoreMachineName(stateMachineName) },
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    },
    Stack.of(scope),
  );
