import { randomUUID } from 'node:crypto';
import { ApiError, stateMachineDoesNotExist, validationError } from './api/api-error.ts';
import type { ExecutionType, Json, Machine } from './asl.ts';
import type { MapRun } from './distributed-map/map-run.ts';
import type { Engine, Execution, StateMachine } from './engine.ts';
import { EVENT_LIMIT, history } from './history.ts';
import { isName } from './names.ts';
import { PAYLOAD_LIMIT } from './payload.ts';
import { forgetInner, noProgress } from './progress.ts';
import { type Ending, runExecution } from './run-execution.ts';
import { succeededChild } from './succeeded-child.ts';

/** All executions and map runs there have been, in the order of their start. */
export type Executions = {
  /** As StartExecution, errors included. */
  start(request: { stateMachineArn: string; name: string | undefined; input: string }): Execution;
  startChild(run: MapRun, machine: Machine, type: ExecutionType, input: Json): Execution;
  /** As RedriveExecution, errors included. */
  redrive(execution: Execution, token: string | undefined): void;
  redriveChild(child: Execution): void;
  /** Moves what a map's child was given, has answered and done out of memory, if it has succeeded. */
  layAside(child: Execution): void;
  addMapRun(run: MapRun): void;
  get(arn: string): Execution | undefined;
  mapRun(arn: string): MapRun | undefined;
  all(): Execution[];
};

export const executions = (engine: Engine, stateMachine: (arn: string) => StateMachine | undefined): Executions => {
  const known = new Map<string, Execution>();
  const mapRuns = new Map<string, MapRun>();
  const begin = (given: Given) => {
    const execution = create(engine, given);
    known.set(execution.arn, execution);
    return execution;
  };
  return {
    start({ stateMachineArn, name = randomUUID(), input: inputText }) {
      const machine = stateMachine(stateMachineArn);
      if (!machine) throw stateMachineDoesNotExist(stateMachineArn);
      if (!isName(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
      const input = parseInput(inputText);
      const { region, account } = engine.place;
      const arn = `arn:aws:states:${region}:${account}:execution:${machine.name}:${name}`;
      const before = known.get(arn);
      if (before?.status === 'RUNNING' && before.inputText === inputText) return before;
      if (before) throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      return begin({
        arn,
        name,
        type: 'STANDARD',
        stateMachine: machine,
        machine: machine.definition,
        input,
        inputText,
      });
    },
    startChild(run, machine, type, input) {
      const { stateMachine: parent } = run.parent;
      const { region, account } = engine.place;
      const name = randomUUID();
      const arn =
        type === 'STANDARD'
          ? `arn:aws:states:${region}:${account}:execution:${parent.name}/${run.label}:${name}`
          : `arn:aws:states:${region}:${account}:express:${parent.name}/${run.label}:${name}:${randomUUID()}`;
      return begin({
        arn,
        name,
        type,
        stateMachine: parent,
        machine,
        mapRun: run,
        input,
        inputText: JSON.stringify(input),
      });
    },
    redrive(execution, token) {
      if (execution.status === 'RUNNING' && token !== undefined && token === execution.redriveToken) return;
      const { redriveStatus: status, redriveStatusReason: reason } = redriveStatus(execution, engine.clock.now());
      if (status !== 'REDRIVABLE')
        throw new ApiError('ExecutionNotRedrivable', `Execution '${execution.arn}' is not redrivable: ${reason}`);
      execution.redriveToken = token;
      redrive(engine, execution);
    },
    redriveChild: (child) => redrive(engine, child),
    layAside(child) {
      const { mapRun: run, status } = child;
      if (!engine.archive || !run || status !== 'SUCCEEDED') return;
      const small = succeededChild(engine.archive, child, run);
      known.set(child.arn, small);
      run.children[run.children.lastIndexOf(child)] = small;
    },
    addMapRun(run) {
      mapRuns.set(run.arn, run);
      run.parent.mapRuns.push(run);
    },
    get: (arn) => known.get(arn),
    mapRun: (arn) => mapRuns.get(arn),
    all: () => [...known.values()],
  };
};

/**
 * What Step Functions would bill: every state entered and every retry of an execution and of the standard children of
 * its distributed maps. Express children are billed by request and duration instead.
 */
export const billedTransitions = (execution: Execution): number =>
  (execution.type === 'STANDARD' ? execution.steps : 0) +
  execution.mapRuns.flatMap((run) => run.children).reduce((sum, child) => sum + billedTransitions(child), 0);

/** Whether it can be redriven, at the moment of its end or later. */
export const redriveStatus = (
  execution: Execution,
  now = execution.stopDate,
): { redriveStatus: string; redriveStatusReason?: string } => {
  const { status, mapRun, stopDate } = execution;
  const not = (redriveStatusReason: string) => ({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason });
  if (status === 'RUNNING' || status === 'SUCCEEDED' || status === 'PENDING_REDRIVE')
    return not(`Execution is ${status} and cannot be redriven`);
  if (execution.history.events.length >= EVENT_LIMIT - 1) return not('Execution event history limit exceeded');
  if (now && stopDate && now.getTime() - stopDate.getTime() > REDRIVABLE_FOR)
    return not('Execution redrivable period exceeded');
  if (!mapRun) return { redriveStatus: 'REDRIVABLE' };
  return {
    redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
    redriveStatusReason: 'Execution is the child of a map run and is redriven with that',
  };
};

/** Fourteen days. */
const REDRIVABLE_FOR = 14 * 24 * 60 * 60 * 1000;

type Given = Pick<Execution, 'arn' | 'name' | 'type' | 'stateMachine' | 'machine' | 'input' | 'inputText'> & {
  mapRun?: MapRun;
};

const create = (engine: Engine, given: Given): Execution => {
  const execution: Execution = {
    mapRun: undefined,
    ...given,
    history: history(engine.clock),
    status: 'RUNNING',
    startDate: engine.clock.now(),
    steps: 0,
    mapRuns: [],
    progress: noProgress(),
    redriveCount: 0,
    stop: () => {},
    ended: Promise.resolve(),
  };
  if (execution.type === 'STANDARD') engine.onStatus?.(execution);
  execution.ended = run(engine, execution);
  return execution;
};

const run = (engine: Engine, execution: Execution): Promise<void> => {
  const abort = new AbortController();
  execution.stop = (error, cause) => abort.abort({ status: 'ABORTED', error, cause } satisfies Ending);
  return runExecution(engine, execution, abort).then(() => engine.executions.layAside(execution));
};

/** Goes on from the state that it failed in: with the same input and definition, retries and timeouts anew. */
const redrive = (engine: Engine, execution: Execution) => {
  // All of a state that had more data than it may is done again, an express workflow is, and a map run that can't go on.
  if (execution.error === 'States.DataLimitExceeded') forgetInner(execution.progress);
  if (execution.error === 'States.Runtime') execution.progress.mapRun = undefined;
  if (execution.type === 'EXPRESS') execution.progress = noProgress();
  execution.status = 'RUNNING';
  execution.redriveCount += 1;
  execution.redriveDate = engine.clock.now();
  for (const member of ['stopDate', 'error', 'cause'] as const) delete execution[member];
  execution.history.reopen();
  if (execution.type === 'STANDARD') engine.onStatus?.(execution);
  // Whoever worked on it when it was stopped has to have left.
  execution.ended = execution.ended.then(() => run(engine, execution));
};

const parseInput = (text: string): Json => {
  if (Buffer.byteLength(text) > PAYLOAD_LIMIT)
    throw validationError(
      `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_LIMIT}`,
    );
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ApiError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${text.trim() === '' ? 'Invalid execution input.' : (thrown as Error).message}'`,
    );
  }
};
