import type { Command } from 'commander';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';
import { told } from './told.ts';

/** `lockstep drift`, and what one does about it: `accept`, `repair`. */
export const register = (program: Command): void => {
  const drift = program
    .command('drift')
    .description(
      'Looks at every database of an environment, and tells which are not as they should be, how, since when.',
    )
    .argument('<env>', 'environment')
    .option('--last', 'tell what the last check has found, without a new one')
    .option('--json', 'print {environment, databases, alike, findings, …}')
    .addHelpText(
      'after',
      epilogue(
        { 0: 'all databases are as they should be', 1: 'some are not, or it could not be checked' },
        'lockstep drift production',
      ),
    )
    .action(async (name: string, options: { last?: boolean; json?: boolean }, command: Command) => {
      const [{ connected, pipeline }, { checkNow, lastCheck }, { driftView }] = await Promise.all([
        reach(name),
        import('./drift-check.ts'),
        import('./drift-view.ts'),
      ]);
      const { print, colours } = outputOf(command);
      const look = options.last ? lastCheck(connected, pipeline) : checkNow(connected, pipeline, 1_000);
      const report = await look;
      print(options.json ? JSON.stringify(report, null, 2) : driftView(report, colours));
      if (report.findings.length > 0 || report.problems.length > 0) leave(exits.failed);
    });

  drift
    .command('accept')
    .description(
      'Writes a migration that gives to all databases what the last check has found in one. Runs nothing: read the file, commit it, and run it like any other.',
    )
    .argument('<env>', 'environment')
    .argument('<database>', 'cluster/database, or the database where its name is unique')
    .option('--dir <dir>', 'folder of migrations', 'migrations')
    .option('--json', 'print {file, database, fingerprint, byHand}')
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'the file is written',
          1: 'no drift is known there, a file accepts it already, or some of it has to be written by hand',
        },
        'lockstep drift accept production orders-1/acme',
      ),
    )
    .action(async (name: string, database: string, options: { dir: string }, command: Command) => {
      const json = command.optsWithGlobals<{ json?: boolean }>().json ?? false;
      const [{ connected, pipeline }, { driftIn }, { acceptDrift, acceptedView }] = await Promise.all([
        reach(name),
        import('./drift-check.ts'),
        import('./drift-script.ts'),
      ]);
      const drifted = await driftIn(connected, pipeline, database);
      const written = await acceptDrift(drifted, pipeline.environment, options.dir, new Date());
      const { print, complain } = outputOf(command);
      if (json) print(JSON.stringify(written, null, 2));
      else print(acceptedView(written));
      if (written.byHand.length === 0) return;
      if (!json) complain(`To be written by hand there: ${written.byHand.map(told).join(', ')}.`);
      leave(exits.failed);
    });

  drift
    .command('repair')
    .description(
      'Proposes SQL that would bring a database back to what it should be, as the last check has found it. Runs nothing.',
    )
    .argument('<env>', 'environment')
    .argument('<database>', 'cluster/database, or the database where its name is unique')
    .option('--json', 'print {database, sql, byHand}')
    .addHelpText(
      'after',
      epilogue(
        { 0: 'the SQL is printed', 1: 'no drift is known there, or some of it has to be written by hand' },
        'lockstep drift repair production orders-1/acme',
      ),
    )
    .action(async (name: string, database: string, _: object, command: Command) => {
      const json = command.optsWithGlobals<{ json?: boolean }>().json ?? false;
      const [{ connected, pipeline }, { driftIn }, { repairDrift }] = await Promise.all([
        reach(name),
        import('./drift-check.ts'),
        import('./drift-script.ts'),
      ]);
      const proposed = await repairDrift(await driftIn(connected, pipeline, database), pipeline.environment);
      const { print, complain } = outputOf(command);
      print(json ? JSON.stringify(proposed, null, 2) : proposed.sql);
      if (proposed.byHand.length === 0) return;
      if (!json) complain(`To be written by hand: ${proposed.byHand.join(', ')}.`);
      leave(exits.failed);
    });
};

const reach = async (name: string) => {
  const [{ onePipeline }, { clients }] = await Promise.all([import('./target.ts'), import('./clients.ts')]);
  const connected = clients();
  return { connected, pipeline: await onePipeline(connected, name) };
};
