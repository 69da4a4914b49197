import { type Command, InvalidArgumentError, Option } from 'commander';
import type { HistoryEntry } from '../database/history.ts';
import type { Change } from '../database/resolve.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';
import type { Environment, Target } from './target.ts';

type Options = {
  as: 'applied' | 'not-applied';
  reason: string;
  done?: number;
  dir: string;
  yes?: boolean;
  json?: boolean;
};

export const register = (program: Command): void => {
  program
    .command('resolve')
    .description(
      "Overrules a database's history about one migration, or about its statement where that is in doubt, and writes down there who did it, when and why. Shows first what it would change. Runs none of the migration's SQL.",
    )
    .argument('<env>', 'environment')
    .argument('<database>', 'cluster/database, or the database where its name is unique')
    .argument('<migration>', "the migration's number, as its file writes it")
    .addOption(
      new Option(
        '--as <verdict>',
        'what is true of its effect; of one in doubt: of that statement, and of nothing else',
      )
        .choices(['applied', 'not-applied'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why; it is kept', reason)
    .option('--done <n>', 'with not-applied: its first n statements have taken effect, go on behind them', statements)
    .option('--dir <dir>', 'folder of migrations', 'migrations')
    .option('--yes', "don't ask")
    .option(
      '--json',
      'print {environment, cluster, database, migration, verdict, statement, before, after, moved, requestedBy}',
    )
    .addHelpText(
      'after',
      epilogue(
        { 0: 'history was changed', 1: 'nothing was changed' },
        'lockstep resolve production orders-1/acme 007 --as applied --reason "index built by hand, INC-42"',
      ),
    )
    .action(async (name: string, database: string, migration: string, options: Options, command: Command) => {
      const { print, complain, colours, complaintColours } = outputOf(command);
      const [{ bundle: build }, { caller }, { confirm }, { oneOf, openEnvironment }] = await Promise.all([
        import('../migrations/build.ts'),
        import('./caller.ts'),
        import('./confirm.ts'),
        import('./target.ts'),
      ]);
      if (options.done && options.as === 'applied') command.error("error: option '--done' goes with --as not-applied");
      const { bundle } = await build(options.dir);
      const environment = await openEnvironment(name);
      const target = oneOf(environment, database);
      const requestedBy = await caller();
      const { change, history } = await plan(environment, target, migration, bundle.migrations, options);
      const { resolveView } = await import('./resolve-view.ts');
      const tell = options.json ? complain : print;
      tell(resolveView(target, change, history, bundle, options.json ? complaintColours : colours));
      await confirm('Change history so?', options.yes === true);
      await carryOut(environment, target, change, bundle.migrations, { reason: options.reason, requestedBy });
      const { cluster } = target;
      const { version: _, ...before } = change.before ?? { version: '' };
      const result = {
        ...{ environment: environment.pipeline.environment, cluster, database: target.database, ...change },
        before: change.before && before,
        requestedBy,
      };
      print(options.json ? JSON.stringify(result, null, 2) : painter(colours)('green', 'History was changed.'));
    });
};

type Migrations = import('../migrations/bundle.ts').Migration[];

const plan = async (
  { session }: Environment,
  target: Target,
  migration: string,
  migrations: Migrations,
  { as, done }: Options,
): Promise<{ change: Change; history: HistoryEntry[] }> => {
  const [{ changeOf }, { readHistory }, { nameOf }] = await Promise.all([
    import('../database/resolve.ts'),
    import('../database/history.ts'),
    import('./target.ts'),
  ]);
  const history = await readHistory(session, target);
  const verdict = { as: as === 'applied' ? ('applied' as const) : ('not applied' as const), done };
  return { change: changeOf(nameOf(target), migration, migrations, history, verdict), history };
};

const carryOut = async (
  { session }: Environment,
  target: Target,
  change: Change,
  migrations: Migrations,
  decision: { reason: string; requestedBy: string },
): Promise<void> => {
  const { resolve } = await import('../database/resolve.ts');
  await resolve(session, target, change, migrations, decision);
};

const reason = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('Say why.');
  return text.trim();
};

const statements = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 to 99999.');
  return Number(text);
};
