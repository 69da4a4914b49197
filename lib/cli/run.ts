import type { Command } from 'commander';
import { follow, followLater } from './follow.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';

type Options = { dir: string; author?: string[]; emergency?: boolean; json?: boolean };

export const register = (program: Command): void => {
  program
    .command('run')
    .description('Brings a folder of migrations to a deployed environment, and follows the run.')
    .argument('<env>', 'environment')
    .option('--dir <dir>', 'folder of migrations', 'migrations')
    .option('--author <who...>', 'authors of the commits, by mail address or login: they never count as approvers')
    .option('--emergency', 'not to be refused outside of its window: goes ahead if somebody breaks the glass')
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
    .action(async (name: string, { dir, author = [], emergency = false, json = false }: Options, command: Command) => {
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
      const started = await startRun(connected, pipeline, { bundle, digest, requestedBy, authors: author, emergency });
      const later = followLater(pipeline, started.run);
      await follow(connected, pipeline, started, { json, bundle, later }, outputOf(command));
    });
};
