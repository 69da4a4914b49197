import type { Command } from 'commander';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';

type Options = { reason?: string; yes?: boolean; json?: boolean };

type Verb = { description: string; reason: string; answer: string };

const VERBS: Record<'pause' | 'resume' | 'abandon', Verb> = {
  pause: {
    description: 'Lets a run begin with no more databases; what is under way is finished, and then people decide.',
    reason: 'why; everybody reads it, and it is needed',
    answer: 'no more databases are begun',
  },
  resume: {
    description: 'Lets a run that is paused or held go on, as whoever these AWS credentials are.',
    reason: 'why; everybody reads it',
    answer: 'the run goes on',
  },
  abandon: {
    description: 'Ends a run: what is under way is finished, the rest is not begun. Final.',
    reason: 'why; everybody reads it, and it is needed',
    answer: 'the run begins with nothing more and ends',
  },
};

/** `lockstep pause`, `resume` and `abandon`: IAM proves who says it, and the environment's policy holds. */
export const register = (program: Command): void => {
  for (const [name, verb] of Object.entries(VERBS)) {
    program
      .command(name)
      .description(verb.description)
      .argument(
        '<env>',
        'environment, alone for the run that is at work there; the name of a run alone is looked for in all',
      )
      .argument('[run]', 'name of the run, as lockstep approvals lists it')
      .option('--reason <text>', verb.reason)
      .option('--yes', "don't ask")
      .option('--json', 'print {result, run, control, hold, decided}, or {error, message}')
      .addHelpText(
        'after',
        epilogue(
          {
            0: `recorded; ${verb.answer}`,
            1: 'refused, or it could not be asked',
            ...(name === 'resume' ? { 3: 'counted; more people have to say so' } : {}),
          },
          `lockstep ${name} production 8a9b7243196f-20261121060000096 --reason "the shop is slow"`,
        ),
      )
      .action(async (environment: string, run: string | undefined, options: Options, command: Command) => {
        const [{ clients }, { findRun }, { orderRun, settled }] = await Promise.all([
          import('./clients.ts'),
          import('./find-run.ts'),
          import('./order-run.ts'),
        ]);
        const connected = clients();
        const found = await findRun(connected, environment, run);
        const { print, complain, colours, complaintColours } = outputOf(command);
        const { yes = false, json = false, reason = '' } = options;
        const told = json ? { tell: complain, colours: complaintColours } : { tell: print, colours };
        const answer = await orderRun(connected, found, { order: name as keyof typeof VERBS, reason, yes }, told);
        if (json) print(JSON.stringify(answer, null, 2));
        const { sentence, waits } = settled(name as keyof typeof VERBS, answer);
        if (!json) print(painter(colours)(name === 'resume' ? 'green' : 'yellow', sentence));
        if (waits) leave(exits.waiting);
      });
  }
};
