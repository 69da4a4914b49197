import type { Command } from 'commander';
import { follow, followLater } from './follow.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';

type Options = { dir: string; author?: string[]; emergency?: boolean; path?: string; json?: boolean };

export const register = (program: Command): void => {
  program
    .command('run')
    .description('Brings a folder of migrations to a deployed environment, and follows the run.')
    .argument('<env>', 'environment')
    .option('--dir <dir>', 'folder of migrations', 'migrations')
    .option('--author <who...>', 'authors of the commits, by mail address or login: they never count as approvers')
    .option('--emergency', 'not to be refused outside of its window: goes ahead if somebody breaks the glass')
    .option('--path <name>', 'the path by which it comes there, as the pipeline declares them; the first unless said')
    .option('--json', 'print the run: {environment, status, run, failure, approvals, databases, …}')
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'every database has every migration',
          1: 'could not be started, failed, or was rejected',
          3: 'without a terminal: it waits for approval, is held, or is parked until its window opens; lockstep watch follows it again',
        },
        'lockstep run production --dir migrations',
      ),
    )
    .action(async (name: string, options: Options, command: Command) => {
      const { dir, author = [], emergency = false, path, json = false } = options;
      const [{ bundle: build }, { clients }, { onePipeline }, { caller }, { startRun }] = await Promise.all([
        import('../migrations/build.ts'),
        import('./clients.ts'),
        import('./target.ts'),
        import('./caller.ts'),
        import('./start-run.ts'),
      ]);
      const { bundle, digest } = await build(dir);
      const connected = clients();
      const pipeline = await onePipeline(connected, name);
      const requestedBy = await caller();
      const asked = { bundle, digest, requestedBy, authors: author, emergency, path };
      const started = await startRun(connected, pipeline, asked);
      const later = followLater(pipeline, started.run);
      await follow(connected, pipeline, started, { json, bundle, later }, outputOf(command));
    });
};
