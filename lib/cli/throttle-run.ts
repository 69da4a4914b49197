import { DescribeMapRunCommand, UpdateMapRunCommand } from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import type { Clients } from './clients.ts';
import { executionOf } from './execution.ts';
import type { Found } from './find-run.ts';
import { phaseWords } from './phase-words.ts';
import { phaseReader } from './run-phase.ts';
import { watchedRun } from './watched-run.ts';

/** A run has ended, so that it has nothing in hand any more; nothing was changed. */
export const RunHasEnded = failure(
  'RunHasEnded',
  (it: { run: string; status: string }) => `${it.run} has ended as ${it.status}: there is nothing left to throttle.`,
);

/** A run has no wave at work whose concurrency could be changed; nothing was changed. */
export const NoWaveAtWork = failure(
  'NoWaveAtWork',
  (it: { environment: string; run: string; doing: string }) =>
    `${it.run} ${it.doing}: no wave of it is at work, and each begins as it is planned. Throttle it once one is; \`lockstep watch ${it.environment} ${it.run}\` shows when.`,
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
 * @throws UnknownRun, IsARestore, RunHasEnded, NoWaveAtWork
 */
export const throttleRun = async (
  clients: Pick<Clients, 'sfn' | 'dynamodb'>,
  { pipeline, run }: Found,
  concurrency: number,
): Promise<Throttled> => {
  const { sfn, dynamodb } = clients;
  const { environment, ledger } = pipeline;
  const { execution } = await watchedRun(clients, pipeline, run);
  const { status } = await executionOf({ sfn, table: { client: dynamodb, name: ledger } }, { execution, run });
  if (status !== 'RUNNING') throw new RunHasEnded({ run, status });
  const phase = await phaseReader(sfn, execution)();
  const idle = (doing: string, cause?: unknown) => new NoWaveAtWork({ environment, run, doing }, { cause });
  if (phase.phase !== 'wave') throw idle(phaseWords(phase));
  const { wave, mapRun: mapRunArn } = phase;
  if (mapRunArn === null) throw idle('is only about to begin with a wave');
  const described = new DescribeMapRunCommand({ mapRunArn });
  const { maxConcurrency: before = 0 } = await sfn.send(described);
  try {
    await sfn.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: concurrency }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationException') throw idle('has just ended a wave', error);
    throw error;
  }
  const { maxConcurrency: after = 0, executionCounts } = await sfn.send(described);
  const { running = 0, pending = 0 } = executionCounts ?? {};
  return { environment, run, wave, before, after, running, pending };
};
