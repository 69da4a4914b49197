import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { RunNotAtWork } from '../ledger/control.ts';
import { runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import type { Found } from './find-run.ts';
import { phaseWords } from './phase-words.ts';
import { phaseReader } from './run-phase.ts';

/** A run has no wave at work whose concurrency could be changed; nothing was changed. */
export const NoWaveAtWork = failure(
  'NoWaveAtWork',
  (it: { run: string; doing: string }) =>
    `${it.run} ${it.doing}: no wave of it is at work that could be throttled. Each wave begins with the concurrency of the plan.`,
);

/** What was changed; `before` and `after` are clusters worked on at once. */
export type Throttled = {
  environment: string;
  run: string;
  wave: number | null;
  before: number;
  after: number;
  /** Clusters at work, and those that have not begun yet. */
  running: number;
  pending: number;
};

/**
 * Changes how many clusters the wave at work has in hand at once, by the map that carries it out. What is at work is
 * left to finish, and the next waves begin as they are planned.
 *
 * @throws RunNotAtWork, NoWaveAtWork
 */
export const throttleRun = async (
  { sfn, dynamodb }: Pick<Clients, 'sfn' | 'dynamodb'>,
  { pipeline, run }: Found,
  concurrency: number,
): Promise<Throttled> => {
  const record = await runRecord({ client: dynamodb, name: pipeline.ledger }, run);
  const executionArn = record?.execution;
  if (executionArn === undefined || !(await isRunning(sfn, executionArn))) throw new RunNotAtWork({ run });
  const phase = await phaseReader(sfn, executionArn)();
  const idle = (cause?: unknown) => new NoWaveAtWork({ run, doing: phaseWords(phase) }, { cause });
  if (phase.phase !== 'wave') throw idle();
  const mapRunArn = (await atWork(sfn, executionArn)) ?? phase.mapRun;
  if (mapRunArn === null) throw idle();
  const described = new DescribeMapRunCommand({ mapRunArn });
  const { maxConcurrency: before = 0 } = await sfn.send(described);
  try {
    await sfn.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: concurrency }));
  } catch (error) {
    // It has ended in this very moment.
    if (error instanceof Error && error.name === 'ValidationException') throw idle(error);
    throw error;
  }
  const { maxConcurrency: after = 0, executionCounts } = await sfn.send(described);
  const { running = 0, pending = 0 } = executionCounts ?? {};
  return {
    ...{ environment: pipeline.environment, run, wave: phase.wave },
    ...{ before, after, running, pending },
  };
};

const isRunning = async (sfn: Clients['sfn'], executionArn: string): Promise<boolean> => {
  try {
    return (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
};

/** The map that carries out the wave at work: an execution has one at most that has not ended. */
const atWork = async (sfn: Clients['sfn'], executionArn: string): Promise<string | null> => {
  let nextToken: string | undefined;
  do {
    const listed = await sfn.send(new ListMapRunsCommand({ executionArn, ...(nextToken ? { nextToken } : {}) }));
    const found = listed.mapRuns?.find(({ stopDate }) => stopDate === undefined);
    if (found?.mapRunArn !== undefined) return found.mapRunArn;
    nextToken = listed.nextToken;
  } while (nextToken !== undefined);
  return null;
};
