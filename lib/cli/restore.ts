import type { Command } from 'commander';
import type { Clients } from './clients.ts';
import { exits, leave } from './exit.ts';
import type { RestoreResult } from './follow-restore.ts';
import { epilogue } from './help.ts';
import { type Output, outputOf, painter } from './output.ts';
import type { Pipeline } from './pipelines.ts';
import type { StartedRestore } from './start-restore.ts';
import { toldLines } from './told.ts';
import { counted, table } from './words.ts';

type Options = { cluster?: string[]; swap?: boolean; yes?: boolean; json?: boolean };

export const register = (program: Command): void => {
  program
    .command('restore')
    .description(
      'Makes clusters anew as they were before a run, from its restore points. Shows first what it would do, and what users would notice.',
    )
    .argument('<env>', 'environment')
    .argument('<run>', 'name of the run, as lockstep history tells it')
    .option('--cluster <names...>', 'these clusters only (default: all that the run has a restore point of)')
    .option('--swap', 'give the new clusters the names of the old ones, which are kept under others')
    .option('--yes', "don't ask")
    .option(
      '--json',
      'print the restore: {environment, status, restore, restores, swap, failure, approvals, clusters, …}',
    )
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'restored, and proven to be what it was before the run; maybe by the same command before',
          1: 'refused before anything was started, or the restore failed or was rejected',
          3: 'without a terminal: it waits for approval; the same command follows it again',
        },
        'lockstep restore production 8a9b7243196f-20261121060000096 --cluster orders-1 --swap',
      ),
    )
    .action(async (name: string, run: string, options: Options, command: Command) => {
      const [{ onePipeline }, { clients }, { currentRestore }] = await Promise.all([
        import('./target.ts'),
        import('./clients.ts'),
        import('./start-restore.ts'),
      ]);
      const connected = clients();
      const pipeline = await onePipeline(connected, name);
      const { running, earlier, ...underway } = await currentRestore(connected, pipeline, run);
      const output = outputOf(command);
      const started = running ? underway : await begin(connected, pipeline, { run, earlier }, options, output);
      if (started !== null) await follow(connected, pipeline, started, { run, json: options.json ?? false }, output);
    });
};

/** Shows what would be done, asks, and starts it; null where it is done already, and nothing is started. */
const begin = async (
  connected: Clients,
  pipeline: Pipeline,
  { run, earlier }: { run: string; earlier: string[] },
  { cluster: clusters, swap = false, yes = false, json = false }: Options,
  { print, complain, colours, complaintColours }: Output,
): Promise<StartedRestore | null> => {
  const [{ previewRestore, restoreView }, { confirm }, { caller }, { startRestore }, rest] = await Promise.all([
    import('./restore-preview.ts'),
    import('./confirm.ts'),
    import('./caller.ts'),
    import('./start-restore.ts'),
    import('./finished-restore.ts'),
  ]);
  const preview = await previewRestore(connected, pipeline, { run, clusters, swap });
  const tell = json ? complain : print;
  const done = await rest.finishedRestore(connected, pipeline, earlier, preview);
  if (done) {
    tell(
      `${done.restore} has done just that, and nothing was at work in ${done.environment} since: nothing is started.`,
    );
    print(json ? JSON.stringify(done, null, 2) : resultView(done, colours));
    return null;
  }
  tell(`${restoreView(preview, pipeline.environment, json ? complaintColours : colours)}\n`);
  const many = counted(preview.clusters.length, 'cluster');
  await confirm(`Restore ${many}${swap ? ', and swap in what is restored' : ''}?`, yes);
  const { digest } = preview.record;
  const input = { run, swap, ...(clusters ? { clusters } : {}), requestedBy: await caller() };
  return startRestore(connected, pipeline, { ...input, digest });
};

const follow = async (
  connected: Clients,
  pipeline: Pipeline,
  started: StartedRestore,
  { run, json }: { run: string; json: boolean },
  { print, complain, colours, complaintColours }: Output,
): Promise<void> => {
  const { followRestore } = await import('./follow-restore.ts');
  const told = json ? { tell: complain, colours: complaintColours } : { tell: print, colours };
  const leaveWaiting = json || !process.stdout.isTTY;
  told.tell(`restore ${started.restore}`);
  const result = await followRestore(connected, pipeline, started, { run, interval: 1_000, leaveWaiting, ...told });
  if (result === 'waiting') {
    const { environment } = pipeline;
    if (json) print(JSON.stringify({ environment, status: 'RUNNING', ...started, restores: run }, null, 2));
    else print(painter(colours)('yellow', 'It waits for approval. The same command follows it again.'));
    return leave(exits.waiting);
  }
  print(json ? JSON.stringify(result, null, 2) : resultView(result, colours));
  if (result.status !== 'SUCCEEDED') leave(exits.failed);
};

const resultView = ({ status, clusters, failure }: RestoreResult, colours: boolean): string => {
  const paint = painter(colours);
  const rows = clusters.map((it) => [it.cluster, it.state ?? '–', it.restored ?? '–', it.kept ?? '–']);
  const [head = '', ...lines] = table([['CLUSTER', 'STATE', 'RESTORED AS', 'THE OLD ONE IS'], ...rows]);
  return [
    ...(rows.length > 0 ? ['', paint('dim', head), ...lines, ''] : []),
    paint(status === 'SUCCEEDED' ? 'green' : 'red', status),
    ...(failure ? [toldLines(`${failure.error}: ${failure.cause}`)] : []),
  ].join('\n');
};
