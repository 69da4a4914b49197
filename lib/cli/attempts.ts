import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { runRecord } from '../ledger/runs.ts';
import { announce } from './announce.ts';
import type { Clients } from './clients.ts';
import { appears, executionArnOf, isOver } from './execution.ts';
import type { Persist } from './patience.ts';
import type { Pipeline } from './pipelines.ts';
import { preview } from './preview.ts';
import { type Started, uploadBundle } from './start-run.ts';
import type { Given } from './which-bundle.ts';

/** A run that was started, found at work, or found to have done it all. */
export type Attempt = Started & { how: 'started' | 'at work' | 'done before' };

/** What to start an attempt with. */
export type Wanted = Given & {
  requestedBy: string;
  authors: string[];
  /** Not to be refused outside of its window. */
  emergency?: boolean;
  /** By which the bundle comes there; the pipeline's first unless said. */
  path?: string | undefined;
};

type Manner = { persist: Persist; wait?: (milliseconds: number) => Promise<unknown> };

/**
 * Starts a run of a bundle, or finds the one that is at work. Attempts are numbered, and a run's name follows from its
 * environment, bundle and attempt: whoever asks at the same time, or again because an answer was lost, comes to the same
 * run. One that has failed is followed by the next attempt; one that succeeded only if something is pending again.
 */
export const startOrAttach = async (
  clients: Clients,
  pipeline: Pipeline,
  wanted: Wanted,
  { persist, wait = (milliseconds: number) => sleep(milliseconds) }: Manner,
): Promise<Attempt> => {
  if (wanted.here) await uploadBundle(clients, pipeline, { bundle: wanted.here, digest: wanted.digest });
  let before: { started: Started; succeeded: boolean } | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const run = `${pipeline.environment}-${wanted.digest.slice(0, 16)}-${attempt}`;
    const execution = executionArnOf(pipeline.stateMachineArn, run);
    const started = { run, execution, revert: null };
    const standing = await look(clients, pipeline, started, wanted.digest);
    if (standing === 'at work') return { ...started, how: 'at work' };
    if (standing !== 'free') {
      before = { started, succeeded: standing === 'succeeded' };
      continue;
    }
    if (before?.succeeded) {
      const { plan } = await preview(clients, pipeline, { digest: wanted.digest, here: null }, wait);
      if (plan?.databases.every(({ pending }) => pending.length === 0))
        return { ...before.started, how: 'done before' };
    }
    const how = await begin(clients, pipeline, { ...started, ...wanted }, { persist, wait });
    if (how !== null) return { ...started, how };
  }
};

type Standing = 'free' | 'at work' | 'succeeded' | 'failed';

/**
 * Step Functions forgets names after 90 days, the ledger doesn't; a success that it has forgotten can't be followed any
 * more and counts for nothing. A name that another bundle's run has, for whatever reason, is taken.
 */
const look = async (
  { sfn, dynamodb }: Clients,
  { ledger }: Pipeline,
  { execution, run }: Started,
  digest: string,
): Promise<Standing> => {
  try {
    const { status, input = '{}' } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    if (JSON.parse(input).digest !== digest) return 'failed';
    if (!isOver(status)) return 'at work';
    return status === 'SUCCEEDED' ? 'succeeded' : 'failed';
  } catch (error) {
    if (nameOf(error) !== 'ExecutionDoesNotExist') throw error;
    return (await runRecord({ client: dynamodb, name: ledger }, run)) === undefined ? 'free' : 'failed';
  }
};

/** Null where somebody else has announced the run and does not start it: they would count as who did. */
const begin = async (
  clients: Clients,
  pipeline: Pipeline,
  { run, execution, digest, requestedBy, authors, emergency, path }: Started & Wanted,
  { persist, wait }: Required<Manner>,
): Promise<'started' | 'at work' | null> => {
  const { stateMachineArn } = pipeline;
  try {
    await persist(() => announce(clients, pipeline, run, digest, authors));
  } catch (error) {
    if (nameOf(error) !== 'AnnouncedOtherwise') throw error;
    return (await appears(clients, execution, wait)) ? 'at work' : null;
  }
  try {
    const said = { ...(emergency ? { emergency } : {}), ...(path ? { path } : {}) };
    const input = JSON.stringify({ digest, requestedBy, ...said });
    await clients.sfn.send(new StartExecutionCommand({ stateMachineArn, name: run, input }));
    // Whoever follows it takes one that is not shown for one that never was.
    await appears(clients, execution, wait);
    return 'started';
  } catch (error) {
    // Somebody was faster by a moment, maybe this very command in a call whose answer was lost.
    if (nameOf(error) !== 'ExecutionAlreadyExists') throw error;
    return 'at work';
  }
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
