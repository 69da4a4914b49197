import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { onState } from './on-state.ts';

// What is killed: the local runtime on a state that outlives it, and one run. Tells how that goes, a line for each news.

/** What has happened: a run was begun, so many databases are to be worked on, one is done, or all is over. */
export type News = { run: string } | { planned: number } | { done: string } | { result: EnvironmentResult };

const tell = (news: News) => void process.stdout.write(`${JSON.stringify(news)}\n`);

const [state = '', clusters, databases] = process.argv.slice(2);
await onState(state, { clusters: Number(clusters), databases: Number(databases) }, async ({ run }) => {
  const result = await run((happened) => {
    if (happened.event === 'started') tell({ run: happened.run });
    if (happened.event === 'planned')
      tell({ planned: happened.plan.databases.filter(({ pending }) => pending.length > 0).length });
    if (happened.event === 'database' && happened.verdict.verdict === 'applied')
      tell({ done: `${happened.verdict.cluster}/${happened.verdict.database}` });
  });
  tell({ result });
});
