import { type Command, Option } from 'commander';
import type { ToolName } from '../database/baseline/tools.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';

type Options = {
  all?: boolean;
  from: ToolName;
  table?: string;
  dir: string;
  map?: string;
  upto?: string;
  yes?: boolean;
  json?: boolean;
};

/** What `lockstep baseline --json` prints of each database. */
export type Adopted = {
  cluster: string;
  database: string;
  /** `refused`, `failed`: nothing was changed there. */
  outcome: 'marked' | 'unchanged' | 'refused' | 'failed';
  /** Ids of the migrations marked as applied. */
  marked: string[];
  /** Ids of those that the next run would apply. */
  pending: string[];
  matched: { theirs: string; ours: string | null }[];
  problems: string[];
};

export const register = (program: Command): void => {
  program
    .command('baseline')
    .description(
      "Adopts databases that another migration tool has looked after: reads that tool's own table, finds its entries among the files, and marks those as applied. Shows first what it would do. Runs none of their SQL.",
    )
    .argument('<env>', 'environment')
    .argument('[database]', 'cluster/database, or the database where its name is unique')
    .option('--all', 'all databases of the environment; if one has to be refused, none is changed')
    .addOption(new Option('--from <tool>', 'the tool').choices(TOOLS).makeOptionMandatory())
    .option('--table <name>', "the tool's table, as SQL names it (default: the tool's own)")
    .option('--dir <dir>', 'folder of migrations', 'migrations')
    .option('--map <file>', 'JSON object {theirs: our number}; null for what does not count; theirs may end in *')
    .option('--upto <number>', 'all that the tool lists is in the migrations up to this one')
    .option('--yes', "don't ask")
    .option('--json', 'print {environment, from, databases, warnings, requestedBy}')
    .addHelpText(
      'after',
      epilogue(
        { 0: 'adopted, or was so already', 1: 'refused, or failed in a database' },
        'lockstep baseline production --all --from flyway',
      ),
    )
    .action(async (name: string, database: string | undefined, options: Options, command: Command) => {
      const { print, complain, colours, complaintColours } = outputOf(command);
      if ((database === undefined) === (options.all !== true))
        command.error('error: name a database, or give --all for all of the environment');
      if (options.map && options.upto) command.error("error: option '--map' cannot be used with option '--upto'");
      const [
        { readFiles, readMap },
        { caller },
        { oneOf, openEnvironment },
        { planBaseline, carryOut },
        view,
        { confirm },
      ] = await Promise.all([
        import('./baseline-files.ts'),
        import('./caller.ts'),
        import('./target.ts'),
        import('./adopt-databases.ts'),
        import('./baseline-view.ts'),
        import('./confirm.ts'),
      ]);
      const files = await readFiles(options.dir);
      const how = { from: options.from, table: options.table, upto: options.upto, map: await readMap(options.map) };
      const environment = await openEnvironment(name);
      const targets = database === undefined ? environment.targets : [oneOf(environment, database)];

      const requestedBy = await caller();
      const plan = await planBaseline(environment, targets, how, files);
      const tell = options.json ? complain : print;
      tell(view.planView(plan, files.migrations, options.from, options.json ? complaintColours : colours));
      const refused = plan.databases.some(({ outcome }) => outcome === 'refused');
      const changes = plan.databases.some(({ outcome }) => outcome === 'marked');
      if (changes && !refused) await confirm('Mark them so?', options.yes === true);
      const result = await carryOut(environment, plan, how, files, requestedBy);
      print(
        options.json
          ? JSON.stringify({ environment: environment.pipeline.environment, from: options.from, ...result }, null, 2)
          : view.resultView(result.databases, colours),
      );
      if (result.databases.some(({ outcome }) => outcome === 'refused' || outcome === 'failed')) leave(exits.failed);
    });
};

/** Written out, so that the help needs nothing loaded; a test holds it against the tools there are. */
const TOOLS: ToolName[] = [
  ...(['flyway', 'liquibase', 'golang-migrate', 'dbmate', 'node-pg-migrate'] as const),
  ...(['knex', 'prisma', 'alembic', 'rails', 'django'] as const),
];
