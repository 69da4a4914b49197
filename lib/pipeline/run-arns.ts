import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { restoreMachineName } from './machine-names.ts';

/** ARNs of what comes to be while a pipeline's machines run; AWS or a caller names them. */
export const runArns = (scope: Construct, stateMachineName: string) => {
  const stack = Stack.of(scope);
  const arn = (service: string, rest: string) =>
    `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${rest}`;
  return {
    mapRuns: arn('states', `mapRun:${stateMachineName}/*`),
    runs: arn('states', `execution:${stateMachineName}:*`),
    restores: arn('states', `execution:${restoreMachineName(stateMachineName)}:*`),
  };
};
