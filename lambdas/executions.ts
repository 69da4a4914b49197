import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { failure } from '../lib/failure.ts';
import { endRun } from '../lib/ledger/end-run.ts';
import { acquireLease, releaseLease } from '../lib/ledger/lease.ts';
import { ledger } from './ledger.ts';
import { count } from './metrics.ts';
import { here, sfn } from './services.ts';

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

/** How an execution has ended that did not succeed; where nobody gave a cause, it is empty. */
export type End = { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; at: Date; error: string; cause: string };

/** Null while it is at work, or is about to be again, and where it has succeeded. */
export const endOf = async (execution: string): Promise<End | null> => {
  const {
    status,
    stopDate = new Date(),
    error = status === 'TIMED_OUT' ? 'States.Timeout' : 'Stopped',
    cause = '',
  } = await sfn().send(new DescribeExecutionCommand({ executionArn: execution }));
  return status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED'
    ? { status, at: stopDate, error, cause }
    : null;
};

/** Somebody stopped a run while it was let in; what it had taken is given back. */
export const StoppedMeanwhile = failure(
  'StoppedMeanwhile',
  (it: { run: string }) => `${it.run} was stopped while it was let in. Start it anew.`,
);

/**
 * A run that was stopped before it was written down had nothing yet that could be closed: whichever comes last, that
 * closing or this, finds the other's. @throws StoppedMeanwhile
 */
export const stillWanted = async ({ run, execution }: { run: string; execution: string }): Promise<void> => {
  const end = await endOf(execution).catch((error) => {
    // One that has just begun may not be seen by everybody yet.
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return null;
    throw error;
  });
  if (end === null) return;
  await releaseLease(ledger(), execution);
  await endRun(ledger(), { run, execution }, end.status, end.at);
  throw new StoppedMeanwhile({ run });
};

/** Takes the environment's lease. That it had to be taken from a run that has ended is counted. @throws LeaseHeld */
export const takeLease = async (execution: string, now: Date): Promise<{ token: number }> => {
  let ended: string | null = null;
  const lease = await acquireLease(ledger(), execution, now, async (owner) => {
    const running = await isRunning(owner);
    ended = running ? null : owner;
    return running;
  });
  if (ended !== null) count(here(), now, { LeasesLeftBehind: 1 }, { execution: ended });
  return lease;
};

/** An execution's ARN without its name. */
export const machineOf = (execution: string): string => execution.slice(0, execution.lastIndexOf(':'));
