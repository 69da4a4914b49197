import { type Json, type JsonObject, RESOURCES, type Task } from '../asl.ts';
import { evaluateAs, evaluationFailed } from '../jsonata/evaluate.ts';
import { withinLimit } from '../payload.ts';
import { withRetryAndCatch } from '../retry-and-catch.ts';
import { StateError } from '../state-error.ts';
import type { WaitingTask } from '../task-tokens.ts';
import { type Computed, compute, record, type Visit } from '../visit.ts';
import { invokeFunction, invokeWithToken } from './lambda-task.ts';
import { startExecution, startExecutionSync } from './start-execution-task.ts';
import { MOST_SECONDS } from './wait-state.ts';

/** One call of a service integration. `submitted` reports what was answered to a call whose result is still to come. */
export type Call = {
  visit: Visit<Task>;
  args: JsonObject;
  signal: AbortSignal;
  callback: WaitingTask | undefined;
  submitted(output: Json): void;
};

const CALLS: Record<Task['Resource'], (call: Call) => Promise<Json>> = {
  'arn:aws:states:::lambda:invoke': invokeFunction,
  'arn:aws:states:::lambda:invoke.waitForTaskToken': invokeWithToken,
  'arn:aws:states:::states:startExecution': startExecution,
  'arn:aws:states:::states:startExecution.sync:2': startExecutionSync,
};

export const runTask = (visit: Visit<Task>) => withRetryAndCatch(visit, () => attempt(visit));

const attempt = async (visit: Visit<Task>): Promise<Computed> => {
  const { state, thread } = visit;
  const { tokens, place } = thread.engine;
  // Every attempt has a token of its own: who answers the last attempt's is late.
  const issued = state.Resource.endsWith('.waitForTaskToken')
    ? tokens.issue(thread.execution.stateMachine.arn)
    : undefined;
  visit.token = issued?.token;
  try {
    const args = await evaluateArguments(visit);
    const timeout = await secondsField(visit, 'TimeoutSeconds');
    const heartbeat = await secondsField(visit, 'HeartbeatSeconds');
    const [resourceType, resource] = state.Resource.slice('arn:aws:states:::'.length).split(/:(.*)/) as [
      string,
      string,
    ];
    record(thread, 'TaskScheduled', {
      resourceType,
      resource,
      region: place.region,
      parameters: JSON.stringify(args),
      ...(timeout !== undefined && { timeoutInSeconds: timeout }),
      ...(heartbeat !== undefined && { heartbeatInSeconds: heartbeat }),
    });
    record(thread, 'TaskStarted', { resourceType, resource });
    const result = await reported(visit, { resourceType, resource }, () =>
      inTime(visit, issued?.task, timeout, heartbeat, (signal, submitted) =>
        CALLS[state.Resource]({ visit, args, signal, callback: issued?.task, submitted }),
      ),
    );
    return await compute(visit, state, result, { result });
  } finally {
    if (issued) tokens.close(issued.token);
  }
};

const evaluateArguments = async (visit: Visit<Task>) => {
  const { required, optional } = RESOURCES[visit.state.Resource] as {
    required: readonly string[];
    optional: readonly string[];
  };
  const args = await evaluateAs(visit, 'Arguments', visit.state.Arguments, 'object');
  for (const name of required)
    if (!(name in args)) throw evaluationFailed(visit, 'Arguments', `The field '${name}' is required but was missing.`);
  for (const name of Object.keys(args))
    if (!required.includes(name) && !optional.includes(name))
      throw evaluationFailed(visit, 'Arguments', `The field '${name}' is not supported by the local Step Functions.`);
  return withinLimit(args, visit.name);
};

const secondsField = async (visit: Visit<Task>, field: 'TimeoutSeconds' | 'HeartbeatSeconds') => {
  const template = visit.state[field];
  if (template === undefined) return undefined;
  const allowed = {
    is: (value: number) => Number.isInteger(value) && value > 0 && value <= MOST_SECONDS,
    what: `an integer from 1 to ${MOST_SECONDS}`,
  };
  return evaluateAs(visit, field, template, 'number', { allowed });
};

/** Runs the call and reports how it ended. */
const reported = async (
  { thread }: Visit<Task>,
  of: { resourceType: string; resource: string },
  run: () => Promise<Json>,
): Promise<Json> => {
  try {
    const output = withinLimit(await run(), of.resourceType);
    record(thread, 'TaskSucceeded', { ...of, output: JSON.stringify(output) });
    return output;
  } catch (failure) {
    thread.signal.throwIfAborted();
    if (!(failure instanceof StateError)) throw failure;
    const { error, reason } = failure;
    record(thread, failure instanceof TimedOut ? 'TaskTimedOut' : 'TaskFailed', {
      ...of,
      ...(error !== undefined && { error }),
      ...(reason !== undefined && { cause: reason }),
    });
    throw failure;
  }
};

/** Of the task, or of its heartbeat: see switches.ts for the latter. */
class TimedOut extends StateError {
  constructor(name = 'States.Timeout', also: string[] = []) {
    super(name, undefined, also);
  }
}

type Run = (signal: AbortSignal, submitted: (output: Json) => void) => Promise<Json>;

/** The limits count from the start of the task. Only a task with a token has heartbeats to miss. */
const inTime = async (
  { state, thread }: Visit<Task>,
  callback: WaitingTask | undefined,
  timeout: number | undefined,
  heartbeat: number | undefined,
  run: Run,
): Promise<Json> => {
  const { clock } = thread.engine;
  const over = new AbortController();
  const signal = AbortSignal.any([thread.signal, over.signal]);
  const [resourceType, resource] = state.Resource.slice('arn:aws:states:::'.length).split(/:(.*)/) as [string, string];
  const submitted = (output: Json) => {
    if (!signal.aborted) record(thread, 'TaskSubmitted', { resourceType, resource, output: JSON.stringify(output) });
  };
  const contenders = [run(signal, submitted)];
  if (timeout !== undefined)
    contenders.push(
      clock.sleep(timeout * 1000, signal).then(() => {
        throw new TimedOut();
      }),
    );
  if (callback && heartbeat !== undefined) contenders.push(missedHeartbeat(thread, callback, heartbeat * 1000, signal));
  try {
    return await Promise.race(contenders);
  } finally {
    over.abort();
  }
};

const missedHeartbeat = async (
  { engine: { clock, switches } }: Visit['thread'],
  callback: WaitingTask,
  milliseconds: number,
  signal: AbortSignal,
): Promise<never> => {
  let until = clock.now().getTime() + milliseconds;
  callback.onHeartbeat(() => {
    until = clock.now().getTime() + milliseconds;
  });
  for (let left = milliseconds; left > 0; left = until - clock.now().getTime()) await clock.sleep(left, signal);
  if (switches.missedHeartbeat === 'both') throw new TimedOut('States.Timeout', ['States.HeartbeatTimeout']);
  throw new TimedOut(switches.missedHeartbeat);
};
