import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { restoreMachineName } from './restore-machine-name.ts';

/** ARNs of what the steps reach outside the stack. */
export const stepResources = (
  scope: Construct,
  stateMachineName: string,
): { mapRuns: string; executions: string[] } => {
  const stack = Stack.of(scope);
  const arn = (service: string, rest: string) =>
    `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${rest}`;
  return {
    mapRuns: arn('states', `mapRun:${stateMachineName}/*`),
    // The lease may be a restore's.
    executions: [stateMachineName, restoreMachineName(stateMachineName)].map((it) =>
      arn('states', `execution:${it}:*`),
    ),
  };
};
