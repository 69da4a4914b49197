import { randomUUID } from 'node:crypto';
import { abortable } from '../abortable.ts';
import { ApiError } from '../api/api-error.ts';
import type { Json, JsonObject } from '../asl.ts';
import type { Execution } from '../engine.ts';
import { redriveStatus } from '../executions.ts';
import { StateError } from '../state-error.ts';
import type { Call } from './task-state.ts';

/** Starts an execution of a state machine and goes on. */
export const startExecution = async (call: Call): Promise<Json> => started(start(call));

/** Starts an execution and waits for its end; anything but success is States.TaskFailed with its description. */
export const startExecutionSync = async (call: Call): Promise<Json> => {
  const child = start(call);
  call.submitted(started(child));
  try {
    await abortable(child.ended, call.signal);
  } catch (aborted) {
    child.stop();
    throw aborted;
  }
  const description = describe(child);
  if (child.status !== 'SUCCEEDED') throw new StateError('States.TaskFailed', JSON.stringify(description));
  return description;
};

const start = ({ visit, args }: Call) => {
  const { StateMachineArn, Name, Input = {} } = args;
  const { engine, execution } = visit.thread;
  const { roleArn } = execution.stateMachine;
  const refused = engine.refusal?.('states:StartExecution', String(StateMachineArn), { roleArn });
  if (refused) throw failed('AWSStepFunctionsException', refused, 400, 'AccessDeniedException');
  try {
    return engine.executions.start({
      stateMachineArn: String(StateMachineArn),
      name: Name === undefined ? undefined : String(Name),
      input: JSON.stringify(Input),
    });
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    const { code, message, status } = thrown;
    throw failed(`${code.replace(/Exception$/, '')}Exception`, message, status, code);
  }
};

const failed = (name: string, message: string, status: number, code: string) =>
  new StateError(
    `StepFunctions.${name}`,
    `${message} (Service: AWSStepFunctions; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`,
  );

const started = (child: Execution): JsonObject => ({
  ExecutionArn: child.arn,
  SdkHttpMetadata: { HttpStatusCode: 200 },
  SdkResponseMetadata: { RequestId: randomUUID() },
  StartDate: child.startDate.getTime(),
});

/** As DescribeExecution tells it, in the casing of tasks, input and output being JSON instead of text. */
const describe = (child: Execution): JsonObject => ({
  ...(child.cause !== undefined && { Cause: child.cause }),
  ...(child.error !== undefined && { Error: child.error }),
  ExecutionArn: child.arn,
  Input: child.input,
  InputDetails: { Included: true },
  Name: child.name,
  ...(child.output !== undefined && { Output: JSON.parse(child.output), OutputDetails: { Included: true } }),
  RedriveCount: child.redriveCount,
  ...Object.fromEntries(Object.entries(redriveStatus(child)).map(([key, value]) => [`R${key.slice(1)}`, value])),
  StartDate: child.startDate.getTime(),
  StateMachineArn: child.stateMachine.arn,
  Status: child.status,
  StopDate: child.stopDate!.getTime(),
});
