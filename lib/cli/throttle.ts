import { type Command, InvalidArgumentError } from 'commander';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';
import { throttledLine } from './progress-words.ts';
import { counted } from './words.ts';

type Options = { concurrency: number; json?: boolean };

export const register = (program: Command): void => {
  program
    .command('throttle')
    .description(
      'Changes how many clusters the wave that is at work has in hand at once. What is at work is finished; the next wave begins as it is planned.',
    )
    .argument(
      '<env>',
      'environment, alone for the run that is at work there; the name of a run alone is looked for in all',
    )
    .argument('[run]', 'name of the run, as lockstep approvals lists it')
    .requiredOption(
      '--concurrency <n>',
      'clusters at once, from 1 on; to have none begun, lockstep pause',
      clustersAtOnce,
    )
    .option('--json', 'print {environment, run, wave, before, after, running, pending}, or {error, message}')
    .addHelpText(
      'after',
      epilogue(
        { 0: 'changed', 1: 'no wave is at work, or it could not be changed' },
        'lockstep throttle production 8a9b7243196f-20261121060000096 --concurrency 5',
      ),
    )
    .action(async (environment: string, run: string | undefined, options: Options, command: Command) => {
      const [{ clients }, { findRun }, { throttleRun }] = await Promise.all([
        import('./clients.ts'),
        import('./find-run.ts'),
        import('./throttle-run.ts'),
      ]);
      const connected = clients();
      const throttled = await throttleRun(connected, await findRun(connected, environment, run), options.concurrency);
      const { wave, before, after, running, pending } = throttled;
      const { print } = outputOf(command);
      if (options.json) return print(JSON.stringify(throttled, null, 2));
      print(`${throttled.run}: ${throttledLine(wave, before, after)}.`);
      print(`${counted(running, 'cluster')} at work, ${pending} not begun. The next wave begins as it is planned.`);
    });
};

/** More executions of a map than these do not run at once in AWS. */
const MOST = 10_000;

const clustersAtOnce = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > MOST) {
    throw new InvalidArgumentError(`Give a whole number from 1 to ${MOST.toLocaleString('en')}.`);
  }
  return Number(text);
};
