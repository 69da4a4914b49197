import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { runRecord } from '../ledger/runs.ts';
import { atWorkNow } from './arriving-runs.ts';
import type { Clients } from './clients.ts';
import { executionArnOf } from './execution.ts';
import { type Found, findRun } from './find-run.ts';
import { findPipelines, type Pipeline } from './pipelines.ts';
import { UnknownRun } from './revert-preview.ts';
import { AmbiguousName, pipelineNamed } from './target.ts';

/** An environment was named to watch its run, and it has none. */
export const NothingAtWork = failure(
  'NothingAtWork',
  (it: { environment: string }) =>
    `No run is at work in ${it.environment}, and none waits. \`lockstep history ${it.environment}\` tells what there was.`,
);

/**
 * A run that is to be followed: by its environment and name, by its name, or by its environment alone, whose run is
 * the one that is at work or, where none is, the one that waits to be admitted.
 *
 * @throws UnknownEnvironment, UnknownRun, AmbiguousName, NothingAtWork
 */
export const findWatched = async (clients: Clients, name: string, run: string | undefined): Promise<Found> => {
  if (run !== undefined) return findRun(clients, name, run);
  const pipelines = [...(await findPipelines(clients.ssm)).values()];
  const isEnvironment = pipelines.some((it) => [it.environment, `${it.service}/${it.environment}`].includes(name));
  if (isEnvironment) return runOf(clients, pipelineNamed(pipelines, name));
  try {
    return await findRun(clients, name, undefined);
  } catch (error) {
    if (!(error instanceof UnknownRun)) throw error;
    const pipeline = await whereItWaits(clients, pipelines, name);
    if (pipeline === undefined) throw error;
    return { pipeline, run: name };
  }
};

/** The ledger knows of a run as soon as it is admitted, and the lease is had by one at a time. */
const runOf = async ({ sfn, dynamodb }: Clients, pipeline: Pipeline): Promise<Found> => {
  const { environment, ledger } = pipeline;
  const names = (await atWorkNow(sfn, pipeline)).map(({ run }) => run);
  const records = await Promise.all(names.map((run) => runRecord({ client: dynamodb, name: ledger }, run)));
  const admitted = names.filter((_, at) => records[at] !== undefined);
  const [run, ...more] = admitted.length > 0 ? admitted : names;
  if (run === undefined) throw new NothingAtWork({ environment });
  if (more.length > 0)
    throw new AmbiguousName({ name: environment, means: [run, ...more].map((it) => `${environment} ${it}`) });
  return { pipeline, run };
};

const whereItWaits = async ({ sfn }: Clients, pipelines: Pipeline[], run: string): Promise<Pipeline | undefined> => {
  for (const pipeline of pipelines) {
    try {
      await sfn.send(new DescribeExecutionCommand({ executionArn: executionArnOf(pipeline.stateMachineArn, run) }));
      return pipeline;
    } catch (error) {
      if (!(error instanceof Error) || !NOT_THERE.has(error.name)) throw error;
    }
  }
  return undefined;
};

/** It never was there, can't be the name of one, or is not for these eyes. */
const NOT_THERE = new Set(['ExecutionDoesNotExist', 'InvalidArn', 'ValidationException', 'AccessDeniedException']);
