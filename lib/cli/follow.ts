import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import { exits, leave } from './exit.ts';
import { type Output, painter } from './output.ts';
import type { Pipeline } from './pipelines.ts';
import type { Started } from './start-run.ts';

/**
 * Follows a run to its end and tells how it went, in exit codes too. Where nobody sits at a terminal, a run that waits
 * for approval is left to itself; `later` says how to come back to it.
 */
export const follow = async (
  connected: Clients,
  pipeline: Pipeline,
  started: Started,
  { json, bundle, later }: { json: boolean; bundle: Bundle; later: string },
  { print, complain, colours, complaintColours }: Output,
): Promise<void> => {
  const [{ seeThrough }, { showProgress }, { runTable }] = await Promise.all([
    import('./run-environment.ts'),
    import('./show-progress.ts'),
    import('./run-table.ts'),
  ]);
  const told = json ? { print: complain, colours: complaintColours } : { print, colours };
  const { progress, close } = await showProgress(told, { json });
  const leaveWaiting = json || !process.stdout.isTTY;
  const seen = seeThrough(connected, pipeline, started, progress, { interval: 1_000, leaveWaiting });
  const result = await seen.finally(close);
  if (result === 'waiting') {
    const { environment } = pipeline;
    if (json) print(JSON.stringify({ environment, status: 'RUNNING', ...started }, null, 2));
    else print(painter(colours)('yellow', `It waits for approval. ${later}`));
    return leave(exits.waiting);
  }
  if ('until' in result) {
    const { environment } = pipeline;
    const rest = `It goes on by itself then. To end it: lockstep abandon ${environment} ${started.run}`;
    if (json) print(JSON.stringify({ environment, status: 'RUNNING', ...started, parked: result }, null, 2));
    else print(painter(colours)('yellow', rest));
    return leave(exits.waiting);
  }
  if (json) print(JSON.stringify(result, null, 2));
  else if (result.databases.length > 0) print(`\n${runTable([result], bundle, colours)}`);
  else print(`${result.failure?.error}: ${result.failure?.cause}`);
  if (result.status !== 'SUCCEEDED') leave(exits.failed);
};
