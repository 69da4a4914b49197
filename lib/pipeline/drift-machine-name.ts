import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What the state machine that checks for drift is called. */
export const driftMachineName = (stateMachineName: string): string => `${stateMachineName}-drift`;

export const driftMachineArn = (scope: Construct, stateMachineName: string): string =>
  Arn.format(
    {
      ...{ service: 'states', resource: 'stateMachine', resourceName: driftMachineName(stateMachineName) },
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    },
    Stack.of(scope),
  );
