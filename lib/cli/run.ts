import { type Command, Option } from 'commander';
import type { Bundle } from '../migrations/bundle.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';

type Options = {
  bundle: string;
  author?: string[];
  emergency?: boolean;
  path?: string;
  wait?: boolean;
  json?: boolean;
  markdown?: boolean;
};

export const register = (program: Command): void => {
  program
    .command('run')
    .description(
      'Brings migrations to a deployed environment, and follows the run. Called again while it is at work, it follows the same run.',
    )
    .argument('<env>', 'environment')
    .option(
      '--bundle <bundle>',
      'folder of migrations, file that `lockstep bundle --output` wrote, or digest of a bundle that is there',
      'migrations',
    )
    .option('--author <who...>', 'authors of the commits, by mail address or login: they never count as approvers')
    .option('--emergency', 'not to be refused outside of its window: goes ahead if somebody breaks the glass')
    .option('--path <name>', 'the path by which it comes there, as the pipeline declares them; the first unless said')
    .option('--wait', 'wait while the run waits for people, too, and come back when the connection was lost')
    .addOption(
      new Option(
        '--json',
        'print the run: {environment, status, run, failure, approvals, databases, unfit, …}; of one that waits {environment, status, run, waiting: {for: approval, hold, promotion or window, wave, reason, until}, …}',
      ).conflicts('markdown'),
    )
    .option('--markdown', 'print the result as Markdown, as for the summary of a CI job')
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'every database has every migration',
          1: 'could not be started, failed, was rejected, or was lost sight of',
          3: 'it goes on: it waits for people, or is parked until its window opens, and nobody waits with it, or Ctrl-C was pressed; lockstep watch follows it, too',
        },
        'lockstep run production --bundle migrations --wait',
      ),
    )
    .action(async (name: string, options: Options, command: Command) => {
      const output = outputOf(command);
      const tell = (line: string) => output.complain(painter(output.complaintColours)('dim', `· ${line}`));
      const [{ whichBundle, contentsOf }, { clients }, { onePipeline }, { caller }, { startOrAttach }, rest] =
        await Promise.all([
          import('./which-bundle.ts'),
          import('./clients.ts'),
          import('./target.ts'),
          import('./caller.ts'),
          import('./attempts.ts'),
          Promise.all([import('./patience.ts'), import('./follow.ts')]),
        ]);
      const [{ patience }, { follow, followLater }] = rest;
      const {
        bundle: said,
        author: authors = [],
        emergency = false,
        path,
        wait = false,
        json = false,
        markdown = false,
      } = options;
      const given = await whichBundle(said);
      const { clients: connected, persist } = patience(clients, tell);
      const pipeline = await onePipeline(connected, name);
      // The run takes one that is not here from the environment before; only versions can't be told then.
      const bundle = await contentsOf(given, connected, [pipeline]).catch((error): Bundle => {
        if (error.name === 'BundleNotFound') return { format: 1, migrations: [] };
        throw error;
      });
      const requestedBy = await persist(caller);
      const { how, ...attempt } = await startOrAttach(
        connected,
        pipeline,
        { ...given, requestedBy, authors, emergency, path },
        { persist },
      );
      if (how === 'at work') tell(`${attempt.run} is at work already`);
      if (how === 'done before') tell(`${attempt.run} has brought this bundle before, and nothing is pending`);
      const later = followLater(pipeline, attempt.run);
      await follow(
        connected,
        pipeline,
        attempt,
        { json, markdown, bundle, later, wait, joined: how !== 'started' },
        output,
      );
    });
};
