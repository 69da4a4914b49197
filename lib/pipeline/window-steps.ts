import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Windows } from '../policy/windows/windows.ts';
import { allow } from './functions.ts';

/** Lets a function ask whether change calendars are open: those of the pipeline's windows, and no other document. */
export const readCalendars = (scope: Construct, windows: Windows | undefined): PolicyStatement[] => {
  if (windows === undefined || windows.calendars.length === 0) return [];
  const { partition, region, account } = Stack.of(scope);
  const arns = windows.calendars.map((it) =>
    it.startsWith('arn:') ? it : `arn:${partition}:ssm:${region}:${account}:document/${it}`,
  );
  return [allow(['ssm:GetCalendarState'], arns)];
};
