import type { Command } from 'commander';
import type { HistoryEntry, Resolution, Summary } from '../database/history.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';
import type { RunApproval } from './run-approvals.ts';

/** What `lockstep history ENV --json` prints of a database; `problem` where it could not be read. */
export type FleetLine = { cluster: string; database: string } & (Summary | { problem: string });

/** What `lockstep history ENV DATABASE --json` prints. */
export type DatabaseHistory = {
  environment: string;
  cluster: string;
  database: string;
  history: HistoryEntry[];
  resolutions: Resolution[];
  /** Of the runs that brought these in or took them back; null where the ledger may not be read. */
  approvals: RunApproval[] | null;
};

export const register = (program: Command): void => {
  program
    .command('history')
    .description("Tells what a deployed environment's databases remember of their migrations, and who approved that.")
    .argument('<env>', 'environment')
    .argument(
      '[database]',
      'cluster/database, or the database where its name is unique (default: all, a line for each)',
    )
    .option(
      '--json',
      'print {environment, databases, approvals, parked}, or of one database {…, history, resolutions, approvals}',
    )
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'told, and nothing stands failed or in doubt',
          1: 'something stands failed or in doubt, or a database could not be read',
        },
        'lockstep history production orders-1/acme',
      ),
    )
    .action(async (name: string, database: string | undefined, { json }: { json?: boolean }, command: Command) => {
      const { print, colours } = outputOf(command);
      const [{ historyView, fleetView }, { openEnvironment }, { approvalsOf }, { parkedRun }, { clients }] =
        await Promise.all([
          import('./history-view.ts'),
          import('./target.ts'),
          import('./run-approvals.ts'),
          import('./parked-run.ts'),
          import('./clients.ts'),
        ]);
      const environment = await openEnvironment(name);
      const { environment: env } = environment.pipeline;
      if (database === undefined) {
        const databases = await fleetHistory(environment);
        const runs = databases.flatMap((it) => ('problem' in it || it.run === null ? [] : [it.run]));
        const [approvals, parked] = await Promise.all([
          approvalsOf(clients(), environment.pipeline, runs),
          parkedRun(clients(), environment.pipeline),
        ]);
        const told = { environment: env, databases, approvals, parked };
        print(json ? JSON.stringify(told, null, 2) : fleetView(told, colours));
        if (databases.some((it) => 'problem' in it || it.unsettled.some(({ state }) => BAD.has(state))))
          leave(exits.failed);
        return;
      }
      const remembered = await databaseHistory(environment, database);
      const runs = remembered.history.map(({ run }) => run);
      const found = { ...remembered, approvals: await approvalsOf(clients(), environment.pipeline, runs) };
      print(json ? JSON.stringify(found, null, 2) : historyView(found, colours));
      if (found.history.some(({ state }) => BAD.has(state))) leave(exits.failed);
    });
};

type Environment = import('./target.ts').Environment;

const BAD = new Set<HistoryEntry['state']>(['failed', 'in doubt']);

/** A line for each database; one that can't be read doesn't hide the others. */
const fleetHistory = async ({ targets, session }: Environment): Promise<FleetLine[]> => {
  const [{ summarize }, { forEach }] = await Promise.all([import('../database/history.ts'), import('./target.ts')]);
  return forEach(targets, async (target) => {
    const { cluster, database } = target;
    try {
      return { cluster, database, ...(await summarize(session, target)) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { cluster, database, problem: error.message };
    }
  });
};

const databaseHistory = async (environment: Environment, name: string): Promise<Omit<DatabaseHistory, 'approvals'>> => {
  const { session, pipeline } = environment;
  const [{ readHistory, readResolutions }, { oneOf }] = await Promise.all([
    import('../database/history.ts'),
    import('./target.ts'),
  ]);
  const target = oneOf(environment, name);
  return {
    environment: pipeline.environment,
    cluster: target.cluster,
    database: target.database,
    history: await readHistory(session, target),
    resolutions: await readResolutions(session, target),
  };
};
