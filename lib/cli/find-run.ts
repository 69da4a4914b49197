import { runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import { findPipelines, type Pipeline } from './pipelines.ts';
import { UnknownRun } from './revert-preview.ts';
import { AmbiguousName, onePipeline } from './target.ts';

export type Found = { pipeline: Pipeline; run: string };

/** A run in its environment, or, where only its name is given, in whichever has one of it. @throws UnknownRun, AmbiguousName */
export const findRun = async (clients: Clients, name: string, run: string | undefined): Promise<Found> => {
  if (run !== undefined) return { pipeline: await onePipeline(clients, name), run };
  const pipelines = [...(await findPipelines(clients.ssm)).values()];
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
