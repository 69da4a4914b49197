import { type Command, InvalidArgumentError } from 'commander';
import { epilogue } from './help.ts';
import { onInterrupt } from './interrupt.ts';
import type { Deployed } from './local-cloud.ts';
import type { LocalApprover } from './local-identities.ts';
import { outputOf, painter } from './output.ts';
import { positive, sizes } from './sizes.ts';

type Options = { dir: string; port: number; state?: string; clusters?: number; databases?: number; json?: boolean };

export const register = (local: Command): void => {
  local
    .command('up')
    .description('Leaves a local cloud standing with the CDK app deployed, for the AWS CLI and any SDK, until Ctrl-C.')
    .option('--dir <dir>', 'folder of migrations whose bundle is uploaded', 'migrations')
    .option('--port <port>', 'port on 127.0.0.1 (default: any free one)', port, 0)
    .option('--clusters <n>', 'clusters per environment, for the sample app', positive)
    .option('--databases <n>', 'databases per cluster, for the sample app', positive)
    .option('--state <dir>', 'keep databases, ledger and snapshots there for the next call')
    .option('--json', 'print one object with endpoint, environment, pipelines and approvers')
    .addHelpText(
      'after',
      epilogue(
        { 0: 'was stood up, and stopped by Ctrl-C', 1: 'could not be stood up' },
        'lockstep local up --port 4566',
      ),
    )
    .action(async (options: Options, command: Command) => {
      const { print, complain, colours, complaintColours } = outputOf(command);
      const paint = painter(complaintColours);
      const { bundle: build } = await import('../migrations/build.ts');
      const { bundle, digest } = await build(options.dir);
      const [{ realClock }, { openLocalCloud }, { localApprovers }, { uploadBundle }] = await Promise.all([
        import('../local/clock.ts'),
        import('./local-cloud.ts'),
        import('./local-identities.ts'),
        import('./start-run.ts'),
      ]);
      let deployed: Deployed | undefined;
      let stop = () => {};
      const stopped = new Promise<void>((resolve) => (stop = resolve));
      const { forget } = onInterrupt(async () => stop(), { leaves: false });
      try {
        deployed = await openLocalCloud({
          state: options.state,
          clock: realClock,
          port: options.port,
          context: sizes(options),
          tell: (step) => complain(paint('dim', `· ${step}`)),
        });
        for (const pipeline of deployed.pipelines) await uploadBundle(deployed.clients, pipeline, { bundle, digest });
        const approvers = await localApprovers(deployed);
        print(
          options.json
            ? JSON.stringify({ ...described(deployed, digest), approvers }, null, 2)
            : told(deployed, approvers, digest, options.dir, colours),
        );
        deployed.cloud.inbox.on(({ subject, body, to }) =>
          complain(`\n${paint('bold', `mail to ${to?.endpoint ?? 'nobody'}: ${subject ?? ''}`)}\n${body}`),
        );
        await stopped;
      } finally {
        forget();
        await deployed?.close();
      }
    });
};

const described = ({ cloud, pipelines }: Deployed, digest: string) => ({
  endpoint: cloud.endpoint,
  environment: cloud.environment(),
  digest,
  pipelines,
});

const told = (
  { cloud, pipelines }: Deployed,
  approvers: LocalApprover[],
  digest: string,
  dir: string,
  colours: boolean,
): string => {
  const paint = painter(colours);
  const variables = Object.entries(cloud.environment()).map(([name, value]) => `export ${name}=${value}`);
  const first = pipelines[0];
  return [
    `${paint('bold', 'The local cloud is up')} at ${cloud.endpoint}`,
    '',
    ...pipelines.map(({ environment, stateMachineArn }) => `${environment}  ${stateMachineArn}`),
    `bundle ${digest}`,
    '',
    'Let the AWS CLI or any SDK talk to it:',
    ...variables.map((line) => `  ${line}`),
    ...(first ? ['', 'Start a run:', `  lockstep run ${first.environment} --bundle ${dir}`] : []),
    ...playable(approvers),
    '',
    `Mail and Slack messages that would be sent, with working buttons: ${cloud.endpoint}/inbox`,
    paint('dim', 'Mail shows up here too. Ctrl-C takes everything down.'),
  ].join('\n');
};

/** A role's session ends after an hour, as on AWS. */
const playable = (approvers: LocalApprover[]): string[] => {
  if (approvers.length === 0) return [];
  const lines = approvers.map(({ name, arn, environment }) => {
    const variables = Object.entries(environment).map(([variable, value]) => `${variable}=${value}`);
    return `  # ${name}, ${arn}\n  export ${variables.join(' ')}`;
  });
  return ['', 'Be one of the approvers on the command line:', ...lines];
};

const port = (text: string): number => {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535) throw new InvalidArgumentError('Give a port from 1 to 65535.');
  return number;
};
