import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from '../ledger/execution-name.ts';
import { bundleKey } from '../ledger/objects.ts';
import { runRecord } from '../ledger/runs.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { canonical } from '../migrations/digest.ts';
import { announce } from './announce.ts';
import type { Clients } from './clients.ts';
import { executionArnOf, isOver } from './execution.ts';
import type { Pipeline } from './pipelines.ts';

/** A run that was started, or found at work. */
export type Started = { execution: string; run: string; revert: string | null };

/** Puts a bundle where an environment finds it, unless it is there already. */
export const uploadBundle = async (
  { s3 }: Clients,
  { bucket }: Pipeline,
  it: { bundle: Bundle; digest: string },
): Promise<void> => {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: bundleKey(it.digest),
        Body: canonical(it.bundle),
        ContentType: 'application/json',
        IfNoneMatch: '*',
      }),
    );
  } catch (error) {
    // Same digest, same content.
    if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
  }
};

/** Uploads a bundle and starts a run of it. */
export const startRun = async (
  clients: Clients,
  pipeline: Pipeline,
  it: {
    bundle: Bundle;
    digest: string;
    requestedBy: string;
    /** Of the migrations' commits: they don't count as approvers. */
    authors?: string[];
  },
): Promise<Started> => {
  await uploadBundle(clients, pipeline, it);
  const run = `${it.digest.slice(0, 12)}-${new Date()
    .toISOString()
    .replace(/[^0-9]/g, '')
    .slice(0, 17)}`;
  const { digest, requestedBy } = it;
  const execution = await start(clients, pipeline, run, { digest, requestedBy }, it.authors);
  return { execution, run, revert: null };
};

/**
 * Starts taking a run back, or finds the execution that is at it: its name follows from the run's, so that asking twice
 * starts it once.
 */
export const startRevert = async (
  clients: Clients,
  pipeline: Pipeline,
  { revert, requestedBy }: { revert: string; requestedBy: string },
): Promise<Started> => {
  for (;;) {
    const { running, ...named } = await currentRevert(clients, pipeline, revert);
    if (running) return named;
    try {
      const digest = await digestOf(clients, pipeline, revert);
      await start(clients, pipeline, named.run, { revert, requestedBy, ...(digest ? { digest } : {}) });
      return named;
    } catch (error) {
      // Somebody else was faster by a moment: look again.
      if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
    }
  }
};

/**
 * The execution that takes a run back now or, not started yet, the one that would be next: those that have ended are
 * not asked again, and the next one takes up what they left.
 */
export const currentRevert = async (
  clients: Clients,
  pipeline: Pipeline,
  revert: string,
): Promise<Started & { running: boolean }> => {
  for (let attempt = 1; ; attempt += 1) {
    const run = executionName(`revert-${attempt}-${revert}`, revert);
    const execution = executionArnOf(pipeline.stateMachineArn, run);
    const status = await statusOf(clients, pipeline, { execution, run });
    if (status !== 'ended') return { run, execution, revert, running: status === 'running' };
  }
};

/** Step Functions forgets names after 90 days, the ledger doesn't. */
const statusOf = async (
  { sfn, dynamodb }: Clients,
  pipeline: Pipeline,
  { execution, run }: { execution: string; run: string },
): Promise<'running' | 'ended' | 'new'> => {
  try {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    return isOver(status) ? 'ended' : 'running';
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
    return (await runRecord({ client: dynamodb, name: pipeline.ledger }, run)) === undefined ? 'new' : 'ended';
  }
};

const digestOf = async ({ dynamodb }: Clients, { ledger }: Pipeline, run: string): Promise<string | undefined> =>
  (await runRecord({ client: dynamodb, name: ledger }, run))?.digest;

const start = async (
  clients: Clients,
  pipeline: Pipeline,
  name: string,
  input: { digest?: string; requestedBy: string; revert?: string },
  authors: string[] = [],
): Promise<string> => {
  const { sfn } = clients;
  const { stateMachineArn } = pipeline;
  // A run that the ledger doesn't know is refused when it is admitted.
  if (input.digest) await announce(clients, pipeline, name, input.digest, authors);
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
  );
  return executionArn;
};
