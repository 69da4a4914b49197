import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { executionName } from '../ledger/execution-name.ts';
import { runRecord } from '../ledger/runs.ts';
import { announce } from './announce.ts';
import type { Clients } from './clients.ts';
import { executionArnOf, isOver } from './execution.ts';
import type { Pipeline } from './pipelines.ts';

/** A restore that was started, or found at work. */
export type StartedRestore = { execution: string; restore: string };

/** The environment was deployed by a version of Lockstep that could not restore. */
export const CannotRestore = failure(
  'CannotRestore',
  (it: { environment: string }) =>
    `${it.environment} was deployed by a version of Lockstep that can't restore. Deploy it once more.`,
);

export type RestoreInput = { run: string; clusters?: string[]; swap: boolean; requestedBy: string };

/** Starts a restore under the next free name, or finds the one that is at work: asking twice starts it once. */
export const startRestore = async (
  clients: Clients,
  pipeline: Pipeline,
  { digest, ...input }: RestoreInput & { digest: string },
): Promise<StartedRestore> => {
  for (;;) {
    const { running, earlier: _, ...named } = await currentRestore(clients, pipeline, input.run);
    if (running) return named;
    await announce(clients, pipeline, named.restore, digest);
    try {
      const stateMachineArn = machineOf(pipeline);
      await clients.sfn.send(
        new StartExecutionCommand({ stateMachineArn, name: named.restore, input: JSON.stringify(input) }),
      );
      return named;
    } catch (error) {
      // Somebody else was faster by a moment: look again.
      if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
    }
  }
};

/** The execution that restores a run now or, not started yet, the one that would be next; and those before it, in order. */
export const currentRestore = async (
  { sfn, dynamodb }: Clients,
  pipeline: Pipeline,
  run: string,
): Promise<StartedRestore & { running: boolean; earlier: string[] }> => {
  for (const earlier: string[] = []; ; ) {
    const restore = executionName(`restore-${earlier.length + 1}-${run}`, run);
    const execution = executionArnOf(machineOf(pipeline), restore);
    try {
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
      if (!isOver(status)) return { restore, execution, running: true, earlier };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
      // Step Functions forgets names after 90 days, the ledger doesn't.
      const known = await runRecord({ client: dynamodb, name: pipeline.ledger }, restore);
      if (known === undefined) return { restore, execution, running: false, earlier };
    }
    earlier.push(restore);
  }
};

const machineOf = ({ restoreStateMachineArn, environment }: Pipeline): string => {
  if (restoreStateMachineArn === undefined) throw new CannotRestore({ environment });
  return restoreStateMachineArn;
};
