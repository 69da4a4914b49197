import type { Command } from 'commander';
import type { HistoryEntry, Resolution, Summary } from '../database/history.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';
import type { RunApproval } from './run-approvals.ts';
import type { RunEnd } from './run-ends.ts';

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
  /** How they ended; null likewise. */
  runs: RunEnd[] | null;
};

type Options = { json?: boolean; migration?: string; person?: string; since?: string };

export const register = (program: Command): void => {
  program
    .command('history')
    .description(
      "Tells what a deployed environment's databases remember of their migrations, who approved that, and how those runs ended.",
    )
    .argument('[env]', 'environment (default: all of them, with what became of each migration)')
    .argument(
      '[database]',
      'cluster/database, or the database where its name is unique (default: all, a line for each)',
    )
    .option('--migration <id>', 'only what became of this one, by number or name')
    .option('--person <name>', 'only what somebody started, approved or settled, by a part of the name')
    .option('--since <when>', 'only since a day, a time, or that long ago: 2026-11-01, 12h, 7d')
    .option(
      '--json',
      'print {environment, databases, approvals, runs, arriving, parked}, of one database {…, history, resolutions, approvals, runs}, of a search {changes, problems, ledger}',
    )
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'told, and nothing stands failed or in doubt',
          1: 'something stands failed or in doubt, or a database could not be read, or a person was asked for and the ledger could not be read',
        },
        'lockstep history production orders-1/acme\n  $ lockstep history --migration 0014 --since 30d',
      ),
    )
    .action(async (name: string | undefined, database: string | undefined, options: Options, command: Command) => {
      const { print, colours } = outputOf(command);
      const { json, ...wanted } = options;
      if (name === undefined || Object.keys(wanted).length > 0) {
        const { searchHistory } = await import('./search-history.ts');
        const { text, sound } = await searchHistory(
          name,
          { ...wanted, ...(database ? { database } : {}) },
          json,
          colours,
        );
        print(text);
        if (!sound) leave(exits.failed);
        return;
      }
      const [{ arrivingRuns }, { historyView, fleetView }, { openEnvironment }, { approvalsOf }, ...rest] =
        await Promise.all([
          import('./arriving-runs.ts'),
          import('./history-view.ts'),
          import('./target.ts'),
          import('./run-approvals.ts'),
          import('./run-ends.ts'),
          import('./parked-run.ts'),
          import('./clients.ts'),
        ]);
      const [{ endsOf }, { parkedRun }, { clients }] = rest;
      const environment = await openEnvironment(name);
      const { environment: env } = environment.pipeline;
      const toldOf = async (runs: string[]) => ({
        approvals: await approvalsOf(clients(), environment.pipeline, runs),
        runs: await endsOf(clients(), environment.pipeline, runs),
      });
      if (database === undefined) {
        const databases = await fleetHistory(environment);
        const runs = databases.flatMap((it) => ('problem' in it || it.run === null ? [] : [it.run]));
        const [told, arriving, parked] = await Promise.all([
          toldOf(runs),
          arrivingRuns(clients(), environment.pipeline),
          parkedRun(clients(), environment.pipeline),
        ]);
        const fleet = { environment: env, databases, ...told, arriving, parked };
        print(json ? JSON.stringify(fleet, null, 2) : fleetView(fleet, colours));
        if (databases.some((it) => 'problem' in it || it.unsettled.some(({ state }) => BAD.has(state))))
          leave(exits.failed);
        return;
      }
      const remembered = await databaseHistory(environment, database);
      const found = { ...remembered, ...(await toldOf(remembered.history.map(({ run }) => run))) };
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

const databaseHistory = async (
  environment: Environment,
  name: string,
): Promise<Omit<DatabaseHistory, 'approvals' | 'runs'>> => {
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
