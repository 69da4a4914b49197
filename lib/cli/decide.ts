import { type Command, InvalidArgumentError } from 'commander';
import type { PublicView } from '../approval/view.ts';
import type { RequestView } from './approvals-view.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';
import { told } from './told.ts';

type Options = { reason?: string; plan?: string; breakGlass?: boolean; yes?: boolean; json?: boolean };

type Verb = { decision: 'approved' | 'rejected' | 'withdrawn'; description: string; done: string };

const VERBS: Record<string, Verb> = {
  approve: {
    decision: 'approved',
    description: 'Approves the plan of a run, as whoever these AWS credentials are.',
    done: 'Approved',
  },
  reject: {
    decision: 'rejected',
    description: 'Rejects the plan of a run, which ends it; needs a reason.',
    done: 'Rejected',
  },
  withdraw: {
    decision: 'withdrawn',
    description: 'Takes back your decision, as long as the matter is not decided.',
    done: 'Withdrawn',
  },
};

/** `lockstep approve`, `reject` and `withdraw`: IAM proves who decides, and the same policy holds as for everybody. */
export const register = (program: Command): void => {
  for (const [name, verb] of Object.entries(VERBS)) {
    const command = program
      .command(name)
      .description(verb.description)
      .argument('<env>', 'environment')
      .argument('<run>', 'name of the run, as lockstep approvals lists it')
      .option('--reason <text>', `why; everybody reads it${name === 'reject' ? '; needed' : ''}`)
      .option(
        '--plan <digest>',
        'the plan you have read, or eight digits of it: another one is not decided on',
        planDigest,
      )
      .option('--yes', "don't ask")
      .option('--json', 'print {result, request}, or {error, message}');
    if (name === 'approve') {
      command.option(
        '--break-glass',
        'let the run go ahead alone, where the policy says that you may: needs a reason, and everybody is told',
      );
    }
    command
      .addHelpText(
        'after',
        epilogue(
          {
            0: name === 'approve' ? 'counted; the run goes on' : 'counted',
            1: 'refused, or it could not be asked',
            ...(name === 'approve' ? { 3: 'counted; more approvals are needed' } : {}),
          },
          `lockstep ${name} production 8a9b7243196f-20261121060000096${name === 'reject' ? ' --reason "not on a Friday"' : ''}`,
        ),
      )
      .action((environment: string, run: string, options: Options, command: Command) =>
        decide(verb, { environment, run }, options, command),
      );
  }
};

const decide = async (
  { decision, done }: Verb,
  { environment: name, run }: { environment: string; run: string },
  { reason = '', plan, breakGlass = false, yes = false, json = false }: Options,
  command: Command,
): Promise<void> => {
  if (reason.trim() === '' && (decision === 'rejected' || breakGlass))
    command.error(`error: ${decision === 'rejected' ? 'rejecting' : 'breaking the glass'} needs --reason`);
  const [{ clients }, { onePipeline }, { askEndpoint, refusal }, { approvalsView }, { confirm }] = await Promise.all([
    import('./clients.ts'),
    import('./target.ts'),
    import('./endpoint.ts'),
    import('./approvals-view.ts'),
    import('./confirm.ts'),
  ]);
  const connected = clients();
  const pipeline = await onePipeline(connected, name);
  const { print, complain, colours, complaintColours } = outputOf(command);
  const path = `/runs/${encodeURIComponent(run)}`;
  const request = (await askEndpoint(connected, pipeline, {
    method: 'GET',
    path: `${path}/approval`,
  })) as unknown as RequestView;
  if (plan !== undefined && !request.planDigest.startsWith(plan)) {
    const message = `The plan of ${run} is ${request.planDigest}, not ${plan}. Read it before you decide on it.`;
    throw refusal({ status: 409, error: 'OtherPlan', message });
  }
  if (request.state === 'waiting' && !request.plan && decision === 'approved') {
    const message = `What would be approved by ${run} can't be shown: its plan is not the one that was asked about. Start a new run.`;
    throw refusal({ status: 409, error: 'OtherPlan', message });
  }
  const tell = json ? complain : print;
  tell(approvalsView([request], pipeline.environment, json ? complaintColours : colours, new Date()));
  tell(`  every statement: lockstep approvals ${pipeline.environment} ${request.run}`);
  if (decision !== 'withdrawn')
    await confirm(`${done === 'Approved' ? 'Approve' : 'Reject'} this for ${pipeline.environment.toUpperCase()}?`, yes);
  const body = { decision, reason, planDigest: request.planDigest, ...(breakGlass ? { breakGlass } : {}) };
  const answer = await askEndpoint(connected, pipeline, { method: 'POST', path: `${path}/decision`, body });
  const after = answer.request as PublicView;
  const missing = after.quorum - after.votes.filter((it) => it.decision === 'approved' && !it.withdrawnAt).length;
  const more = decision === 'approved' && after.state === 'waiting';
  if (json) print(JSON.stringify(answer, null, 2));
  else {
    const again = answer.result === 'repeated' ? 'As you said before: ' : '';
    const sentence = after.state === 'waiting' ? `${done.toLowerCase()}, ${missing} more needed` : after.sentence;
    const said = told(`${again}${sentence}.`);
    print(painter(colours)(decision === 'rejected' ? 'red' : 'green', said.charAt(0).toUpperCase() + said.slice(1)));
  }
  if (more) leave(exits.waiting);
};

/** An empty one, as of a variable that was never set, would fit every plan. */
const planDigest = (text: string): string => {
  if (!/^[0-9a-f]{8,64}$/.test(text)) throw new InvalidArgumentError('Give at least eight digits of the plan.');
  return text;
};
