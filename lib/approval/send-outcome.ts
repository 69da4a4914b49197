import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { type ApprovalRequest, type Outcome, outcomeSentence, standingVotes, type Vote } from '../ledger/request.ts';

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
  request: ApprovalRequest & { outcome: Outcome },
): Promise<Delivery> => {
  try {
    await answer(sfn, request);
    return 'sent';
  } catch (error) {
    if (isClosed(error)) return 'not waited for';
    throw new OutcomeNotSent(
      { run: request.run, outcome: outcomeSentence(request), reason: (error as Error).name },
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

const answer = (sfn: StepFunctions, request: ApprovalRequest & { outcome: Outcome }): Promise<unknown> => {
  const { taskToken, outcome, expiresAt } = request;
  const by = (decision: Vote['decision']) => standingVotes(request).filter((vote) => vote.decision === decision);
  const fail = (error: string, cause: string) => sfn.send(new SendTaskFailureCommand({ taskToken, error, cause }));
  switch (outcome.decision) {
    case 'approved': {
      const output = {
        ...outcome,
        by: by('approved')
          .map((vote) => vote.by)
          .join(', '),
      };
      return sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
    }
    case 'rejected':
      return fail(
        'Rejected',
        by('rejected')
          .map((vote) => `${vote.by}: ${vote.reason}`)
          .join('; '),
      );
    case 'expired':
      return fail('ApprovalExpired', `nobody decided before ${expiresAt}`);
  }
};

const isClosed = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TaskTimedOut' || error.name === 'TaskDoesNotExist');
