import { type Command, InvalidArgumentError } from 'commander';
import type { Bundle } from '../migrations/bundle.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { onInterrupt } from './interrupt.ts';
import type { Deployed } from './local-cloud.ts';
import { outputOf } from './output.ts';
import { positive, sizes } from './sizes.ts';
import { counted } from './words.ts';

type Options = {
  revert?: string;
  dir: string;
  environments?: string[];
  clusters?: number;
  databases?: number;
  yes?: boolean;
  state?: string;
  json?: boolean;
};

export const register = (local: Command): void => {
  local
    .command('run')
    .description(
      'Runs the pipelines of the CDK app here, environment by environment, on a cloud of its own on this machine.',
    )
    .option('--dir <dir>', 'folder of migrations', 'migrations')
    .option(
      '--environments <names>',
      'environments to run, in this order (default: all, as the app declares them)',
      list,
    )
    .option('--revert <run>', 'instead, take back what an earlier run applied; goes with the --state that it ran on')
    .option('--clusters <n>', 'clusters per environment, for the sample app', positive)
    .option('--databases <n>', 'databases per cluster, for the sample app', positive)
    .option('--yes', 'approve what asks for approval, through its page; so it is without a terminal')
    .option('--state <dir>', 'keep databases, ledger and snapshots there for the next call')
    .option('--json', 'print one object with the result on stdout, and the progress on stderr')
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'every environment succeeded',
          1: 'one failed, was rejected, or could not be run; those after it were not started',
        },
        'lockstep local run --state .lockstep --yes',
      ),
    )
    .action(async (options: Options, command: Command) => {
      const { print, complain, colours, complaintColours } = outputOf(command);
      if (options.revert !== undefined && options.state === undefined)
        command.error("error: option '--revert' goes with --state: earlier runs are kept there");
      const { bundle, ...result } = await localRun(
        options,
        options.json ? { print: complain, colours: complaintColours } : { print, colours },
      );
      if (options.json) print(JSON.stringify(result, null, 2));
      else {
        const { runTable } = await import('./run-table.ts');
        print(`\n${runTable(result.environments, bundle, colours)}`);
      }
      if (result.environments.some(({ status }) => status !== 'SUCCEEDED')) leave(exits.failed);
    });
};

type Result = { bundle: Bundle; digest: string; environments: EnvironmentResult[] };

const localRun = async (
  options: Options,
  told: { print: (line: string) => void; colours: boolean },
): Promise<Result> => {
  const { bundle: build } = await import('../migrations/build.ts');
  const built = options.revert === undefined ? await build(options.dir) : null;
  const [
    { approver },
    { decideAsApprovers },
    { leapingClock },
    { openLocalCloud },
    { policyOf },
    { runEnvironment },
    { showProgress },
  ] = await Promise.all([
    import('./approver.ts'),
    import('./decide-locally.ts'),
    import('../local/clock.ts'),
    import('./local-cloud.ts'),
    import('./local-slack.ts'),
    import('./run-environment.ts'),
    import('./show-progress.ts'),
  ]);
  const { progress, close } = await showProgress(told, options);
  let deployed: Deployed | undefined;
  const interrupted = onInterrupt(async () => {
    close();
    await deployed?.close();
  });
  try {
    // Waiting for a snapshot is leapt over; people and statements take the time they take.
    deployed = await openLocalCloud({
      state: options.state,
      clock: leapingClock(),
      environments: options.environments,
      context: sizes(options),
      tell: (step) => progress({ event: 'step', step }),
    });
    if (deployed.cloud.faultsInjected() !== undefined) {
      progress({ event: 'step', step: `rehearsing failure: LOCKSTEP_FAULTS=${process.env.LOCKSTEP_FAULTS}` });
    }
    const environments: EnvironmentResult[] = [];
    const { bundle, digest, pipelines } = built
      ? { ...built, pipelines: deployed.pipelines }
      : await earlierRun(deployed, options.revert!);
    const order = options.revert === undefined ? { bundle, digest } : { revert: options.revert };
    for (const pipeline of pipelines) {
      const policy = await policyOf(deployed.clients.s3, pipeline);
      const stands = deployed;
      const {
        ask,
        held,
        failed,
        close: end,
      } = approver(pipeline.environment, progress, {
        yes: options.yes === true,
        otherwise:
          policy === null || (policy.mailLinkIsEnough && policy.people.every(({ mail }) => mail !== undefined))
            ? null
            : (decision, reason) => decideAsApprovers(stands, pipeline, decision, reason),
      });
      const running = runEnvironment(deployed, pipeline, order, progress, ask, held);
      const result = await Promise.race([running, failed]).finally(end);
      environments.push(result);
      if (result.status !== 'SUCCEEDED') break;
    }
    return { bundle, digest, environments };
  } finally {
    const injected = deployed?.cloud.faultsInjected();
    if (injected !== undefined) progress({ event: 'step', step: `${counted(injected, 'fault')} injected` });
    close();
    interrupted.forget();
    await deployed?.close();
  }
};

/** The environment in which a run was, and its bundle. @throws UnknownRun */
const earlierRun = async ({ clients, pipelines }: Deployed, revert: string) => {
  const [{ runRecord }, { objects }, { UnknownRun }] = await Promise.all([
    import('../ledger/runs.ts'),
    import('../ledger/objects.ts'),
    import('./revert-preview.ts'),
  ]);
  for (const pipeline of pipelines) {
    const found = await runRecord({ client: clients.dynamodb, name: pipeline.ledger }, revert);
    if (!found) continue;
    const bundle = await objects(clients.s3, pipeline.bucket).bundle(found.digest);
    return { bundle, digest: found.digest, pipelines: [pipeline] };
  }
  throw new UnknownRun({ run: revert, environments: pipelines.map(({ environment }) => environment) });
};

const list = (text: string): string[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new InvalidArgumentError('Give names with commas between them.');
  return names;
};
