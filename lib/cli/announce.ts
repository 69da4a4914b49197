import type { Clients } from './clients.ts';
import { askEndpoint } from './endpoint.ts';
import type { Pipeline } from './pipelines.ts';

/**
 * Says, before a run is started, who is going to start it: by that, whoever starts a run can't approve it, whatever the
 * run's input claims. `authors` of its commits, as CI knows them, can't either.
 */
export const announce = async (
  clients: Pick<Clients, 'sfn'>,
  pipeline: Pick<Pipeline, 'approvalUrl'>,
  run: string,
  digest: string,
  authors: string[] = [],
): Promise<void> => {
  const path = `/runs/${encodeURIComponent(run)}/announcement`;
  await askEndpoint(clients, pipeline, { method: 'POST', path, body: { digest, authors } });
};
