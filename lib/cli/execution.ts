import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, DescribeMapRunCommand, type ExecutionStatus } from '@aws-sdk/client-sfn';
import { runRecord } from '../ledger/runs.ts';
import type { Table } from '../ledger/table.ts';
import type { Clients } from './clients.ts';
import type { Phase } from './run-phase.ts';

/** The execution that has a name, whether it was started or not. */
export const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** Whether it has ended: one that waits to be redriven has not. */
export const isOver = (status: string | undefined): boolean => status !== 'RUNNING' && status !== 'PENDING_REDRIVE';

/**
 * Waits, ten seconds at most, until an execution that was started, by this command or by whoever has announced it, is
 * shown: Step Functions shows it a moment later.
 */
export const appears = async (
  { sfn }: Pick<Clients, 'sfn'>,
  executionArn: string,
  wait: (milliseconds: number) => Promise<unknown> = (milliseconds) => sleep(milliseconds),
): Promise<boolean> => {
  for (let looks = 0; looks < 20; looks += 1) {
    try {
      await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return true;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
      await wait(500);
    }
  }
  return false;
};

/** How an execution stands; of one that Step Functions has forgotten, as it does after 90 days, the ledger knows. */
export const executionOf = async (
  { sfn, table }: { sfn: Clients['sfn']; table: Table },
  { execution, run }: { execution: string; run: string },
): Promise<{ status: ExecutionStatus; error: string; cause: string; seconds: number }> => {
  try {
    const it = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    const { status = 'RUNNING', error = '', cause = '', startDate, stopDate = new Date() } = it;
    return { status, error, cause, seconds: secondsBetween(startDate, stopDate) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
    const record = await runRecord(table, run);
    if (!record) throw error;
    const { startedAt, endedAt, status } = record;
    return {
      ...{ status: status === 'SUCCEEDED' ? status : 'FAILED', error: '', cause: '' },
      seconds: endedAt === undefined ? 0 : secondsBetween(new Date(startedAt), new Date(endedAt)),
    };
  }
};

const secondsBetween = (start: Date | undefined, end: Date): number =>
  start ? Math.max(0, (end.getTime() - start.getTime()) / 1_000) : 0;

/** Clusters that are worked on, of how many at most, and those whose turn comes. */
export type AtWork = { running: number; pending: number; concurrency: number };

/** Asks the map that carries out the wave; whoever may not ask it goes without. */
export const atWorkReader = (sfn: Clients['sfn']): ((phase: Phase) => Promise<AtWork | null>) => {
  let mayAsk = true;
  return async (phase) => {
    if (!mayAsk || phase.phase !== 'wave' || phase.mapRun === null) return null;
    try {
      const described = await sfn.send(new DescribeMapRunCommand({ mapRunArn: phase.mapRun }));
      const { maxConcurrency: concurrency = 0, executionCounts } = described;
      const { running = 0, pending = 0 } = executionCounts ?? {};
      return { running, pending, concurrency };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'AccessDeniedException') throw error;
      mayAsk = false;
      return null;
    }
  };
};
