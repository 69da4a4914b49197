import { userInfo } from 'node:os';
import type { Bundle } from '../migrations/bundle.ts';
import { approvalLink } from './decide-by-page.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { followRun } from './follow-run.ts';
import type { Deployed } from './local-cloud.ts';
import type { Pipeline } from './pipelines.ts';
import type { Progress } from './progress.ts';
import { startRun } from './start-run.ts';

/** Takes a bundle through one environment of the local cloud, telling how it goes. */
export const runEnvironment = async (
  { cloud, clients }: Deployed,
  pipeline: Pipeline,
  it: { bundle: Bundle; digest: string },
  progress: Progress,
  approve: (link: string) => void,
): Promise<EnvironmentResult> => {
  const { environment } = pipeline;
  const since = performance.now();
  const calls = cloud.dataApiCalls();
  const unsubscribe = cloud.inbox.on(({ body }) => {
    const link = approvalLink(body, pipeline.approvalUrl);
    if (link !== undefined) approve(link);
  });
  try {
    const started = await startRun(clients, pipeline, { ...it, requestedBy: userInfo().username });
    progress({ event: 'started', environment, ...started });
    for await (const happened of followRun(clients, pipeline, started, 150)) {
      const seconds = (performance.now() - since) / 1000;
      if (happened.event !== 'ended') {
        progress({ ...happened, environment });
        continue;
      }
      const { status, report, error, cause } = happened;
      const result: EnvironmentResult = {
        environment,
        status,
        execution: started.execution,
        planDigest: report?.planDigest ?? null,
        failure: status === 'SUCCEEDED' ? null : (report?.failure ?? { error, cause }),
        approvals: (report?.approvals ?? []).map(({ decision, by }) => ({ decision, by })),
        databases: report?.databases ?? [],
        stateTransitions: cloud.transitions(started.execution),
        dataApiCalls: cloud.dataApiCalls() - calls,
        seconds: Number(seconds.toFixed(1)),
      };
      progress({ event: 'ended', environment, result });
      return result;
    }
    throw new Error(`the run ${started.run} was lost sight of`);
  } finally {
    unsubscribe();
  }
};
