import type { Command } from 'commander';
import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';
import type { Pipeline } from './pipelines.ts';

export const register = (program: Command): void => {
  program
    .command('watch')
    .description(
      'Shows how a run goes, from whenever one looks until it ends: waves, rate, time left, failures as they come. Only looks.',
    )
    .argument('<env>', 'environment, whose run it is; the name of a run alone is looked for in all')
    .argument('[run]', 'name of the run, as lockstep approvals lists it (default: the one that is at work or waits)')
    .option(
      '--json',
      'print a JSON object on a line for everything that happens; the last one is {event: "ended", …} or, where the run waits, {event: "waiting", for, held, …}, {event: "parked", until, …} or {event: "arriving", missing}',
    )
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'every database has what it should',
          1: 'failed, was rejected, or could not be looked at',
          3: 'without a terminal: it waits for people to decide, for its window, or until its bundle may come here',
        },
        'lockstep watch production 8a9b7243196f-20261121060000096',
      ),
    )
    .action(async (environment: string, name: string | undefined, { json }: { json?: boolean }, command: Command) => {
      const output = outputOf(command);
      const tell = (line: string) => output.complain(painter(output.complaintColours)('dim', `· ${line}`));
      const [{ clients }, { patience }, { findWatched }, { follow, followLater }, { watchedRun }] = await Promise.all([
        import('./clients.ts'),
        import('./patience.ts'),
        import('./find-watched.ts'),
        import('./follow.ts'),
        import('./watched-run.ts'),
      ]);
      const { clients: connected } = patience(clients, tell);
      const { pipeline, run } = await findWatched(connected, environment, name);
      const { digest, ...started } = await watchedRun(connected, pipeline, run);
      const bundle = await bundleOf(connected, pipeline, digest);
      const later = followLater(pipeline, run);
      await follow(connected, pipeline, started, { json: json ? 'lines' : false, bundle, later, joined: true }, output);
    });
};

/** To tell how far databases are; who takes a run back has none, and who may not read it sees the rest all the same. */
const bundleOf = async ({ s3 }: Clients, { bucket }: Pipeline, digest: string | null): Promise<Bundle> => {
  const { objects, BundleNotFound } = await import('../ledger/objects.ts');
  const none: Bundle = { format: 1, migrations: [] };
  if (digest === null) return none;
  try {
    return await objects(s3, bucket).bundle(digest);
  } catch (error) {
    if (error instanceof BundleNotFound) return none;
    throw error;
  }
};
