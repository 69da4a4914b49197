import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import { executionArnOf } from './execution.ts';
import type { Pipeline } from './pipelines.ts';
import { UnknownRun } from './revert-preview.ts';
import type { Started } from './start-run.ts';

/** A restore was named where a run was meant; another command follows it. */
export const IsARestore = failure(
  'IsARestore',
  (it: { environment: string; run: string; restores: string }) =>
    `${it.run} is a restore: \`lockstep restore ${it.environment} ${it.restores}\` follows it.`,
);

/** A run that is to be followed, whether it is in the ledger yet or only just started. @throws UnknownRun, IsARestore */
export const watchedRun = async (
  { sfn, dynamodb }: Pick<Clients, 'sfn' | 'dynamodb'>,
  { environment, ledger, stateMachineArn }: Pipeline,
  run: string,
): Promise<Started & { digest: string | null }> => {
  const record = await runRecord({ client: dynamodb, name: ledger }, run);
  if (record?.restores !== undefined) throw new IsARestore({ environment, run, restores: record.restores });
  if (record) {
    const { execution, digest, revert = null } = record;
    return { run, execution, revert, digest: revert === null ? digest : null };
  }
  const execution = executionArnOf(stateMachineArn, run);
  try {
    const { input = '{}' } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    const { digest = null, revert = null } = JSON.parse(input) as { digest?: string; revert?: string };
    return { run, execution, revert, digest: revert === null ? digest : null };
  } catch (error) {
    if (!(error instanceof Error) || !GONE.has(error.name)) throw error;
    throw new UnknownRun({ run, environments: [environment] }, { cause: error });
  }
};

/** It never was, or can't be the name of an execution. */
const GONE = new Set(['ExecutionDoesNotExist', 'InvalidArn', 'ValidationException']);
