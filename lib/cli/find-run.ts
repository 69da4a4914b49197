import { failure } from '../failure.ts';
import { leaseOwner } from '../ledger/lease.ts';
import { runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import { executionOf, isOver } from './execution.ts';
import { findPipelines, type Pipeline } from './pipelines.ts';
import { UnknownRun } from './revert-preview.ts';
import { AmbiguousName, isCalled, onePipeline, pipelineNamed } from './target.ts';

export type Found = { pipeline: Pipeline; run: string };

/** An environment was named alone, and no run is at work there. */
export const NothingAtWork = failure(
  'NothingAtWork',
  (it: { environment: string }) =>
    `Nothing is at work in ${it.environment}. \`lockstep history ${it.environment}\` tells of what was.`,
);

/**
 * A run in its environment; where only an environment is given, the one that is at work there; and where only a run's
 * name is, in whichever environment has one of it.
 *
 * @throws UnknownRun, NothingAtWork, AmbiguousName
 */
export const findRun = async (clients: Clients, name: string, run: string | undefined): Promise<Found> => {
  if (run !== undefined) return { pipeline: await onePipeline(clients, name), run };
  const pipelines = [...(await findPipelines(clients.ssm)).values()];
  if (pipelines.some((it) => isCalled(it, name))) return atWork(clients, pipelineNamed(pipelines, name));
  const found: Pipeline[] = [];
  let refused: Error | null = null;
  for (const it of pipelines) {
    try {
      if (await runRecord({ client: clients.dynamodb, name: it.ledger }, name)) found.push(it);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'AccessDeniedException') throw error;
      refused = error;
    }
  }
  const [pipeline] = found;
  const environments = pipelines.map(({ environment }) => environment);
  // Where it was not found but one may not look everywhere, it may be there.
  if (!pipeline && refused) throw refused;
  if (!pipeline) throw new UnknownRun({ run: name, environments });
  if (found.length > 1) throw new AmbiguousName({ name, means: found.map((it) => `${it.environment} ${name}`) });
  return { pipeline, run: name };
};

/** Who has the lease may have been stopped, and nobody has taken it over yet. */
const atWork = async ({ sfn, dynamodb }: Clients, pipeline: Pipeline): Promise<Found> => {
  const table = { client: dynamodb, name: pipeline.ledger };
  const execution = await leaseOwner(table);
  const run = execution?.split(':').at(-1);
  if (!execution || !run || isOver((await executionOf({ sfn, table }, { execution, run })).status))
    throw new NothingAtWork({ environment: pipeline.environment });
  return { pipeline, run };
};
