import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { sfn } from './services.ts';

/** An execution that is not known any more, or was never, is not running: AWS forgets them after 90 days. */
export const isRunning = async (execution: string): Promise<boolean> => {
  try {
    const { status } = await sfn().send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
};

/** An execution's ARN without its name. */
export const machineOf = (execution: string): string => execution.slice(0, execution.lastIndexOf(':'));

/** An execution's name becomes a folder in the bucket and a tag of snapshots, and RDS allows less in a tag than Step Functions in a name. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9_.=+@-]{0,79}$/;
