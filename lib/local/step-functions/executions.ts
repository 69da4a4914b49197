import { randomUUID } from 'node:crypto';
import { ApiError, stateMachineDoesNotExist, validationError } from './api/api-error.ts';
import type { ExecutionType, Json, Machine } from './asl.ts';
import type { MapRun } from './distributed-map/map-run.ts';
import type { Engine, Execution, StateMachine } from './engine.ts';
import { history } from './history.ts';
import { isName } from './names.ts';
import { PAYLOAD_LIMIT } from './payload.ts';
import { type Ending, runExecution } from './run-execution.ts';

/** All executions and map runs there have been, in the order of their start. */
export type Executions = {
  /** As StartExecution, errors included. */
  start(request: { stateMachineArn: string; name: string | undefined; input: string }): Execution;
  startChild(run: MapRun, machine: Machine, type: ExecutionType, input: Json): Execution;
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

/** Whether AWS would let it be redriven (this Step Functions doesn't redrive). */
export const redriveStatus = ({
  status,
  mapRun,
  type,
}: Execution): { redriveStatus: string; redriveStatusReason?: string } => {
  if (status === 'RUNNING' || status === 'SUCCEEDED')
    return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: `Execution is ${status} and cannot be redriven` };
  return { redriveStatus: mapRun && type === 'STANDARD' ? 'REDRIVABLE_BY_MAP_RUN' : 'REDRIVABLE' };
};

type Given = Pick<Execution, 'arn' | 'name' | 'type' | 'stateMachine' | 'machine' | 'input' | 'inputText'> & {
  mapRun?: MapRun;
};

const create = (engine: Engine, given: Given): Execution => {
  const abort = new AbortController();
  const execution: Execution = {
    mapRun: undefined,
    ...given,
    status: 'RUNNING',
    startDate: engine.clock.now(),
    history: history(engine.clock),
    steps: 0,
    mapRuns: [],
    stop: (error, cause) => abort.abort({ status: 'ABORTED', error, cause } satisfies Ending),
    ended: Promise.resolve(),
  };
  execution.ended = runExecution(engine, execution, abort);
  return execution;
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
