import type { Command } from 'commander';
import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import { exits, leave } from './exit.ts';
import { follow } from './follow.ts';
import { epilogue } from './help.ts';
import { type Output, outputOf } from './output.ts';
import type { Started } from './start-run.ts';
import type { Environment } from './target.ts';
import { counted } from './words.ts';

type Options = { reason?: string; yes?: boolean; json?: boolean };

export const register = (program: Command): void => {
  program
    .command('revert')
    .description(
      'Takes back what a run applied in a deployed environment, newest first, by the down files of its bundle. Shows first what it would do. Of a run that is held, says so to it.',
    )
    .argument('<env>', 'environment')
    .argument('<run>', 'name of the run, as lockstep history tells it')
    .option('--reason <text>', 'of a run that is held: why; everybody reads it')
    .option('--yes', "don't ask")
    .option('--json', 'print the reverting run: {environment, status, run, revert, failure, approvals, databases, …}')
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'taken back, or nothing was left to take back',
          1: 'refused before anything was started, or the reverting run failed or was rejected',
          3: 'without a terminal: it waits for approval; the same command follows it again. Of a run that is held: counted, more people have to say so',
        },
        'lockstep revert production 8a9b7243196f-20261121060000096',
      ),
    )
    .action(async (name: string, revert: string, options: Options, command: Command) => {
      const [{ openEnvironment }, { clients }, { currentRevert }] = await Promise.all([
        import('./target.ts'),
        import('./clients.ts'),
        import('./start-run.ts'),
      ]);
      const connected = clients();
      if (await revertHeld(connected, { name, revert }, options, outputOf(command))) return;
      const environment = await openEnvironment(name);
      const { running, ...underway } = await currentRevert(connected, environment.pipeline, revert);
      const output = outputOf(command);
      const started = running ? underway : await begin(connected, environment, revert, options, output);
      if (!started) return;
      // Its table is told of by what was taken back, whatever the bundle's newest migration is.
      const bundle: Bundle = { format: 1, migrations: [] };
      const later = 'The same command follows it again.';
      await follow(connected, environment.pipeline, started, { json: options.json ?? false, bundle, later }, output);
    });
};

/** A run that is still at work is reverted by its hold, if it is held; else false. */
const revertHeld = async (
  connected: Clients,
  { name, revert }: { name: string; revert: string },
  { reason = '', yes = false, json = false }: Options,
  { print, complain, colours, complaintColours }: Output,
): Promise<boolean> => {
  const [{ onePipeline }, { runRecord }, { orderRun, settled }, { askEndpoint }] = await Promise.all([
    import('./target.ts'),
    import('../ledger/runs.ts'),
    import('./order-run.ts'),
    import('./endpoint.ts'),
  ]);
  const pipeline = await onePipeline(connected, name);
  const record = await runRecord({ client: connected.dynamodb, name: pipeline.ledger }, revert);
  if (record?.status !== 'RUNNING') return false;
  const path = `/runs/${encodeURIComponent(revert)}/control`;
  const { hold } = await askEndpoint(connected, pipeline, { method: 'GET', path });
  // Its record may be of an execution that was stopped: what follows finds out.
  if (!hold) return false;
  const told = json ? { tell: complain, colours: complaintColours } : { tell: print, colours };
  const answer = await orderRun(connected, { pipeline, run: revert }, { order: 'revert', reason, yes }, told);
  const { sentence, waits } = settled('revert', answer);
  print(json ? JSON.stringify(answer, null, 2) : sentence);
  if (waits) leave(exits.waiting);
  return true;
};

/** Shows what would be taken back, asks, and starts it. Null where nothing is left to take back. */
const begin = async (
  connected: Clients,
  environment: Environment,
  revert: string,
  { yes = false, json = false }: Options,
  { print, complain, colours, complaintColours }: Output,
): Promise<Started | null> => {
  const [{ previewRevert }, { revertView }, { PlanRefused }, { confirm }, { caller }, { startRevert }] =
    await Promise.all([
      import('./revert-preview.ts'),
      import('./revert-view.ts'),
      import('../fleet/plan.ts'),
      import('./confirm.ts'),
      import('./caller.ts'),
      import('./start-run.ts'),
    ]);
  const { environment: named } = environment.pipeline;
  const preview = await previewRevert(connected, environment, revert);
  const tell = json ? complain : print;
  tell(`${revertView(preview, named, json ? complaintColours : colours)}\n`);
  if (preview.problems.length > 0) throw new PlanRefused({ problems: preview.problems });

  const behind = preview.databases.filter(({ pending }) => pending.length > 0);
  if (behind.length === 0) {
    const nothing = { environment: named, status: 'SUCCEEDED', run: null, revert, databases: preview.databases };
    print(json ? JSON.stringify(nothing, null, 2) : 'Nothing of that run is left to take back.');
    return null;
  }
  const migrations = new Set(behind.flatMap(({ pending }) => pending)).size;
  const what = `${counted(migrations, 'migration')} in ${counted(behind.length, 'database')}`;
  await confirm(`Take back ${what}?`, yes);
  return startRevert(connected, environment.pipeline, { revert, requestedBy: await caller() });
};
