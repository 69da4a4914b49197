import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { failure } from '../failure.ts';
import type { EnvironmentReading } from '../fleet/status.ts';
import type { Migration } from '../migrations/bundle.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';
import type { StatusDocument } from './status-document.ts';

/** A file that `--with` names isn't what `lockstep status --json` prints. */
export const StatusUnreadable = failure(
  'StatusUnreadable',
  (it: { file: string; reason: string }) =>
    `${it.file} is not what lockstep status --json prints (${it.reason}). Write it anew: lockstep status --json > ${it.file}`,
);

/** What is asked for, here and out of files, is of several services: their migrations can't be held against each other. */
export const SeveralServices = failure(
  'SeveralServices',
  (it: { services: string[] }) =>
    `What is to be shown is of several services: ${it.services.join(', ')}. Name one with --service, and with --with only files of it.`,
);

type Options = { dir?: string; service?: string; with?: string[]; json?: boolean; markdown?: boolean };

export const register = (program: Command): void => {
  program
    .command('status')
    .description('Shows which migrations stand in which environments and databases, and where something is amiss.')
    .argument('[env...]', 'environments (default: all of this account and region)')
    .option('--dir <dir>', 'folder of migrations to compare with (default: migrations, where there is one)')
    .option('--service <name>', "the service, where several services' pipelines are here")
    .option('--with <file...>', 'what --json printed for another account or region, to show together')
    .addOption(
      new Option('--json', 'print {service, at, environments, migrations, hotfixes, readings}').conflicts('markdown'),
    )
    .option('--markdown', 'print tables for a pull request or a job summary')
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'nothing is amiss; databases may be behind',
          1: 'something is edited, drifted, failed, in doubt or unreadable, or a later environment has what an earlier one lacks',
        },
        'lockstep status --dir migrations --markdown',
      ),
    )
    .action(async (environments: string[], options: Options, command: Command) => {
      const { print, colours } = outputOf(command);
      const [{ statusView, statusMarkdown }, { isSound, statusOf }, { inPath }] = await Promise.all([
        import('./status-view.ts'),
        import('../fleet/status.ts'),
        import('../fleet/path-order.ts'),
      ]);
      const files = await filesOf(options.dir);
      const elsewhere = await Promise.all((options.with ?? []).map(readDocument));
      // Where no pipeline was, none was named.
      const ofElsewhere = elsewhere.map((it) => it.service).filter((it) => it !== '');
      const { service, readings: here } = await readHere(environments, options.service ?? ofElsewhere[0]);
      const services = [...new Set([...(service === '' ? [] : [service]), ...ofElsewhere])];
      if (services.length > 1) throw new SeveralServices({ services });
      const named = environments.length > 0 ? here.map(({ environment }) => environment) : [];
      const readings = inPath([...here, ...elsewhere.flatMap((it) => it.readings)], named);
      const status = statusOf(readings, files);
      const document: StatusDocument = { service, at: new Date().toISOString(), ...status, readings };
      if (options.json) print(JSON.stringify(document, null, 2));
      else print(options.markdown ? statusMarkdown(document) : statusView(document, colours));
      if (!isSound(status)) leave(exits.failed);
    });
};

/** Null where nobody named a folder and the usual one is not there. */
const filesOf = async (dir: string | undefined): Promise<Migration[] | null> => {
  const { bundle } = await import('../migrations/build.ts');
  try {
    return (await bundle(dir ?? 'migrations')).bundle.migrations;
  } catch (error) {
    if (dir === undefined && error instanceof Error && error.name === 'FolderNotFound') return null;
    throw error;
  }
};

const readDocument = async (file: string): Promise<Pick<StatusDocument, 'service' | 'readings'>> => {
  const { Readable } = await import('./status-document.ts');
  try {
    return Readable.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code ?? (error instanceof SyntaxError ? 'no JSON' : message.split('\n')[0]!.slice(0, 200));
    throw new StatusUnreadable({ file, reason }, { cause: error });
  }
};

/** One Data API call for each database. @throws SeveralServices, UnknownEnvironment, AmbiguousName */
const readHere = async (
  names: string[],
  wanted: string | undefined,
): Promise<{ service: string; readings: EnvironmentReading[] }> => {
  const [{ clients }, { findPipelines }, { openPipeline, pipelineNamed, forEach }, { inspect }, { allBefore }] =
    await Promise.all([
      import('./clients.ts'),
      import('./pipelines.ts'),
      import('./target.ts'),
      import('../database/inspect.ts'),
      import('../fleet/path-order.ts'),
    ]);
  const connected = clients();
  const all = [...(await findPipelines(connected.ssm)).values()];
  const named = names.map((name) => pipelineNamed(all, wanted && !name.includes('/') ? `${wanted}/${name}` : name));
  const chosen = names.length > 0 ? named : all.filter(({ service }) => service === (wanted ?? service));
  const services = [...new Set(chosen.map(({ service }) => service))];
  if (services.length > 1) throw new SeveralServices({ services });
  const ours = all.filter(({ service }) => service === services[0]);
  const readings: EnvironmentReading[] = [];
  for (const pipeline of chosen) {
    const { targets, session } = await openPipeline(connected, pipeline);
    const databases = await forEach(targets, async (target) => {
      const { cluster, database } = target;
      try {
        const { history, fingerprint } = await inspect(session, target);
        return { cluster, database, history, fingerprint };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return { cluster, database, problem: error.message };
      }
    });
    const { environment, production } = pipeline;
    readings.push({ environment, databases, after: allBefore(environment, ours), production });
  }
  return { service: services[0] ?? wanted ?? '', readings };
};
