import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Windows } from '../policy/windows/windows.ts';
import { allow, keys, type StepProps } from './functions.ts';

/** Lets a function ask whether change calendars are open: those of the pipeline's windows, and no other document. */
export const readCalendars = (scope: Construct, windows: Windows | undefined): PolicyStatement[] => {
  if (windows === undefined || windows.calendars.length === 0) return [];
  const { partition, region, account } = Stack.of(scope);
  const arns = windows.calendars.map((it) =>
    it.startsWith('arn:') ? it : `arn:${partition}:ssm:${region}:${account}:document/${it}`,
  );
  return [allow(['ssm:GetCalendarState'], arns)];
};

type Around = Pick<StepProps, 'environment' | 'allows'>;

/** What is said after each wave, and before the first: whether the next one may begin now. */
export const gateStep = (
  { alarms, runs, mapRuns }: { alarms: string[]; runs: string; mapRuns: string },
  { environment, allows }: Around,
): Omit<StepProps, 'handler'> => ({
  description: 'Says what a rollout does next.',
  environment,
  allows: [
    ...allows,
    allow(['states:DescribeMapRun'], [mapRuns]),
    allow(['states:DescribeExecution'], [runs]),
    // CloudWatch tells of composite alarms only to whom it may tell of all.
    ...(alarms.length > 0 ? [allow(['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory'], ['*'])] : []),
  ],
});

/** It wakes the run at once where somebody has abandoned it, or broken the glass, while it was being parked. */
export const parkStep = (
  { stateMachineArn, ledger }: { stateMachineArn: string; ledger: Table },
  { environment, allows }: Around,
): Omit<StepProps, 'handler'> => ({
  description: 'Tells people that a run waits for its window.',
  environment,
  allows: [
    ...allows,
    allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [ledger.tableArn], keys('APPROVAL#*', 'CONTROL#*')),
    allow(['states:SendTaskSuccess'], [stateMachineArn]),
  ],
});
