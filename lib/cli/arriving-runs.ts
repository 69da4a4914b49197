import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Clients } from './clients.ts';
import { painter } from './output.ts';
import { phaseWords } from './phase-words.ts';
import type { Pipeline } from './pipelines.ts';
import { phaseReader } from './run-phase.ts';
import { time } from './time.ts';
import { told } from './told.ts';

/** A run that was started by itself and is not admitted yet: no ledger knows it. */
export type ArrivingRun = { run: string; since: string; missing: string[] };

/** An execution that has not ended. */
export type AtWorkNow = { run: string; execution: string; since: string };

/** A run waits for a week at most; more of them than this at once nobody has, or reads. */
const MOST = 100;

/** Executions of an environment's runs that have not ended, the newest first, whether they were admitted or not. */
export const atWorkNow = async (
  sfn: Pick<SFNClient, 'send'>,
  { stateMachineArn }: Pick<Pipeline, 'stateMachineArn'>,
): Promise<AtWorkNow[]> => {
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: MOST }),
  );
  return executions.map(({ name = '', executionArn = '', startDate = new Date(0) }) => ({
    ...{ run: name, execution: executionArn, since: startDate.toISOString() },
  }));
};

/** Those of them that wait until their bundle may come here, and for what; null where one may not look. */
export const arrivingRuns = async (
  { sfn }: Pick<Clients, 'sfn'>,
  pipeline: Pick<Pipeline, 'stateMachineArn'>,
): Promise<ArrivingRun[] | null> => {
  try {
    const found: ArrivingRun[] = [];
    for (const { run, execution, since } of await atWorkNow(sfn, pipeline)) {
      const phase = await phaseReader(sfn, execution)();
      if (phase.phase === 'arriving') found.push({ run, since, missing: phase.missing });
    }
    return found;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return null;
    throw error;
  }
};

/** What each waits for; nothing where none does. */
export const arrivingView = (runs: ArrivingRun[] | null, environment: string, colours: boolean): string => {
  const paint = painter(colours);
  return (runs ?? [])
    .map(({ run, since, missing }) =>
      [
        `${paint('yellow', 'waits   ')}  ${paint('bold', told(run))}  since ${time(since)}: it ${phaseWords({ phase: 'arriving', missing })}`,
        `  it goes on by itself then; to follow it: lockstep watch ${environment} ${told(run)}`,
      ].join('\n'),
    )
    .join('\n');
};
