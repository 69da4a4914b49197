import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { NOBODY } from '../ledger/control.ts';
import { type Answered, type ApprovalRequest, idOf, outcomeSentence, type Vote, votesFor } from '../ledger/request.ts';

export type StepFunctions = Pick<SFNClient, 'send'>;

export type Delivery = 'sent' | 'not waited for';

/** An outcome holds, but the run has not heard of it yet. Whatever happens next with the request sends it again. */
export const OutcomeNotSent = failure(
  'OutcomeNotSent',
  (it: { run: string; outcome: string; reason: string }) =>
    `${it.run} is ${it.outcome}, and that holds, but the run could not be told: ${it.reason}. Open the request again and send it once more.`,
);

/**
 * Tells the waiting execution. It may not wait any more: it was told before, has ended, or asks anew just now and then
 * finds the outcome by itself. AWS's own message of a failure may quote the task token, so only its name goes further.
 *
 * @throws OutcomeNotSent
 */
export const sendOutcome = async (
  sfn: StepFunctions,
  request: ApprovalRequest & { outcome: Answered },
): Promise<Delivery> => {
  try {
    await answer(sfn, request);
    return 'sent';
  } catch (error) {
    if (isClosed(error)) return 'not waited for';
    throw new OutcomeNotSent(
      { run: idOf(request), outcome: outcomeSentence(request), reason: (error as Error).name },
      { cause: error },
    );
  }
};

/**
 * Whether the execution still waits for an answer: a decision on what was answered otherwise, or stopped, would be
 * false evidence. A heartbeat tells without changing anything, where no heartbeats are expected.
 */
export const isWaiting = async (
  sfn: StepFunctions,
  { run, taskToken }: Pick<ApprovalRequest, 'run' | 'taskToken'>,
): Promise<boolean> => {
  try {
    await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    return true;
  } catch (error) {
    if (isClosed(error)) return false;
    throw new Error(`whether ${run} still waits could not be found out: ${(error as Error).name}`, { cause: error });
  }
};

const answer = (sfn: StepFunctions, request: ApprovalRequest & { outcome: Answered }): Promise<unknown> => {
  const { taskToken, outcome, expiresAt, hold } = request;
  const succeed = (output: object) =>
    sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  const fail = (error: string, cause: string) => sfn.send(new SendTaskFailureCommand({ taskToken, error, cause }));
  const late = `nobody decided before ${expiresAt}`;
  if (outcome.decision === 'expired') {
    return hold ? succeed({ decision: 'abandon', by: NOBODY, reason: late }) : fail('ApprovalExpired', late);
  }
  const votes = votesFor(request, outcome.decision);
  const by = votes.map((vote) => vote.by).join(', ');
  if (hold) return succeed({ decision: outcome.decision, by, reason: reasonOf(votes) });
  return outcome.decision === 'approved'
    ? succeed({ ...outcome, by })
    : fail('Rejected', votes.map((vote) => `${vote.by}: ${vote.reason}`).join('; '));
};

const reasonOf = (votes: Vote[]): string => votes.flatMap(({ reason }) => (reason === '' ? [] : [reason])).join('; ');

/** Nobody waits with that token any more. */
export const isClosed = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TaskTimedOut' || error.name === 'TaskDoesNotExist');
