import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { Approval, Decision } from '../ledger/approvals.ts';

export type Delivery = 'sent' | 'not waited for';

/**
 * Tells the waiting execution. It may not wait any more: it was told before, has ended, or asks by a newer request.
 * AWS's own message of a failure may quote the task token, so only its name goes further.
 */
export const deliver = async (
  sfn: Pick<SFNClient, 'send'>,
  { taskToken }: Approval,
  { decision, by, reason, at }: Decision,
): Promise<Delivery> => {
  try {
    if (decision === 'approved') {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify({ decision, by, at }) }));
    } else {
      await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Rejected', cause: `${by}: ${reason}` }));
    }
    return 'sent';
  } catch (error) {
    const { name } = error as Error;
    if (name === 'TaskTimedOut' || name === 'TaskDoesNotExist') return 'not waited for';
    throw new Error(`${decision} by ${by} is recorded, but could not be sent to the run: ${name}`, { cause: error });
  }
};

/**
 * Whether the execution still waits for an answer: a decision on what was answered otherwise, or stopped, would be
 * false evidence. A heartbeat tells without changing anything, where no heartbeats are expected.
 */
export const isWaiting = async (sfn: Pick<SFNClient, 'send'>, { taskToken }: Approval): Promise<boolean> => {
  try {
    await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    return true;
  } catch (error) {
    const { name } = error as Error;
    if (name === 'TaskTimedOut' || name === 'TaskDoesNotExist') return false;
    throw new Error(`whether the run still waits could not be found out: ${name}`, { cause: error });
  }
};
