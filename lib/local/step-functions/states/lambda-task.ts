import { randomUUID } from 'node:crypto';
import { abortable } from '../abortable.ts';
import type { Json, JsonObject } from '../asl.ts';
import { evaluationFailed } from '../jsonata/evaluate.ts';
import { StateError } from '../state-error.ts';
import type { Call } from './task-state.ts';

/** Invokes a function and waits for what it returns; a function's error becomes the task's. */
export const invokeFunction = async ({ visit, args, signal }: Call): Promise<Json> => {
  const { engine, execution } = visit.thread;
  const { FunctionName, Payload = {} } = args;
  if (typeof FunctionName !== 'string')
    throw evaluationFailed(visit, 'Arguments/FunctionName', `The field 'FunctionName' must be a string.`);
  const { roleArn } = execution.stateMachine;
  const invocation = await abortable(engine.clock.busy(engine.invoke(FunctionName, Payload, { roleArn })), signal);
  if (invocation.lasts) await engine.clock.sleep(invocation.lasts, signal);
  if (!invocation.ok) throw new StateError(invocation.error, invocation.cause);
  return answer(FunctionName, (invocation.payload ?? null) as Json, engine.clock.now());
};

/**
 * Invokes a function that passes the token on, and waits for whoever answers it. What the function returns is only
 * noted in the history; that it fails fails the task.
 */
export const invokeWithToken = async (call: Call): Promise<Json> => {
  const invoked = invokeFunction(call).then((output) => {
    call.submitted(output);
    return new Promise<never>(() => {});
  });
  const { clock } = call.visit.thread.engine;
  return clock.outside(abortable(Promise.race([call.callback!.answer, invoked]), call.signal));
};

/** Lambda's answer as Step Functions passes it on, HTTP's part included: it counts towards the payload limit. */
const answer = (functionName: string, payload: Json, now: Date): JsonObject => {
  const requestId = randomUUID();
  const headers = {
    'Content-Length': String(Buffer.byteLength(JSON.stringify(payload))),
    'Content-Type': 'application/json',
    Connection: 'keep-alive',
    Date: now.toUTCString(),
    'X-Amz-Executed-Version': executedVersion(functionName),
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
  };
  return {
    ExecutedVersion: executedVersion(functionName),
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
};

/** The version in an ARN or name, otherwise the latest: where an alias leads is not known here. */
const executedVersion = (functionName: string) => /:(\d+)$/.exec(functionName)?.[1] ?? '$LATEST';
