import type { Engine, Execution, ExecutionStatus } from '../engine.ts';
import { redriveStatus } from '../executions.ts';
import { withoutData } from '../history.ts';
import { type Actions, epochSeconds } from './api.ts';
import { ApiError, executionDoesNotExist, stateMachineDoesNotExist } from './api-error.ts';
import { page } from './paging.ts';
import { type StateMachines, stateMachineArn } from './state-machine-actions.ts';

export const executionActions = ({ executions, clock }: Engine, machines: StateMachines): Actions => {
  const find = (arn: string) => {
    if (!/^arn:aws:states:[^:]+:\d+:(execution|express):.+$/.test(arn))
      throw new ApiError('InvalidArn', `Invalid Arn: '${arn}' is not the ARN of an execution`);
    const execution = executions.get(arn);
    if (!execution) throw executionDoesNotExist(arn);
    return execution;
  };
  const ofStateMachine = (arn: string) => {
    if (!machines.get(arn)) throw stateMachineDoesNotExist(arn);
    return executions.all().filter((it) => it.stateMachine.arn === arn && !it.mapRun);
  };
  const ofMapRun = (arn: string) => {
    const run = executions.mapRun(arn);
    if (!run) throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`);
    return run.children;
  };
  return {
    StartExecution(input) {
      const execution = executions.start({
        stateMachineArn: stateMachineArn(input.string('stateMachineArn', { most: 256 })),
        name: input.optionalString('name'),
        input: input.optionalString('input') ?? '{}',
      });
      return { executionArn: execution.arn, startDate: epochSeconds(execution.startDate) };
    },

    StopExecution(input) {
      const execution = notExpress(find(input.string('executionArn', { most: 256 })));
      execution.stop(input.optionalString('error', { most: 256 }), input.optionalString('cause', { most: 32_768 }));
      return { stopDate: epochSeconds(execution.stopDate!) };
    },

    RedriveExecution(input) {
      const execution = notExpress(find(input.string('executionArn', { most: 256 })));
      executions.redrive(execution, input.optionalString('clientToken', { most: 64 }));
      return { redriveDate: epochSeconds(execution.redriveDate!) };
    },

    DescribeExecution: (input) => describe(find(input.string('executionArn', { most: 256 })), clock.now()),

    ListExecutions(input) {
      const status = input.optionalChoice('statusFilter', STATUSES);
      const machine = input.optionalString('stateMachineArn', { most: 256 });
      const mapRun = input.optionalString('mapRunArn', { most: 2000 });
      if ((machine === undefined) === (mapRun === undefined))
        throw new ApiError('ValidationException', `Exactly one of 'stateMachineArn' and 'mapRunArn' must be given`);
      const found = mapRun === undefined ? ofStateMachine(stateMachineArn(machine!)) : ofMapRun(mapRun);
      const newestFirst = found.filter((it) => status === undefined || it.status === status).toReversed();
      const { items, nextToken } = page(input, newestFirst, ({ arn }) => arn);
      return { executions: items.map(listed), nextToken };
    },

    GetExecutionHistory(input) {
      const { events } = notExpress(find(input.string('executionArn', { most: 256 }))).history;
      const ordered = input.optionalBoolean('reverseOrder') ? events.toReversed() : events;
      const { items, nextToken } = page(input, ordered, ({ id }) => String(id));
      return {
        events: (input.optionalBoolean('includeExecutionData') ?? true) ? items : items.map(withoutData),
        nextToken,
      };
    },
  };
};

const STATUSES: (ExecutionStatus | 'PENDING_REDRIVE')[] = [
  'SUCCEEDED',
  'TIMED_OUT',
  'PENDING_REDRIVE',
  'ABORTED',
  'FAILED',
  'RUNNING',
];

const notExpress = (execution: Execution) => {
  if (execution.type === 'STANDARD') return execution;
  throw new ApiError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: express'`);
};

const listed = (it: Execution) => ({
  executionArn: it.arn,
  stateMachineArn: it.mapRun ? `${it.stateMachine.arn}/${it.mapRun.label}` : it.stateMachine.arn,
  name: it.name,
  status: it.status,
  startDate: epochSeconds(it.startDate),
  ...(it.stopDate && { stopDate: epochSeconds(it.stopDate) }),
  ...(it.mapRun && { mapRunArn: it.mapRun.arn, itemCount: 1 }),
  redriveCount: it.redriveCount,
  ...(it.redriveDate && { redriveDate: epochSeconds(it.redriveDate) }),
});

const describe = (it: Execution, now: Date) => {
  const { itemCount, ...common } = listed(it) as ReturnType<typeof listed> & { itemCount?: number };
  return {
    ...common,
    input: it.inputText,
    inputDetails: { included: true },
    ...(it.output !== undefined && { output: it.output, outputDetails: { included: true } }),
    ...(it.error !== undefined && { error: it.error }),
    ...(it.cause !== undefined && { cause: it.cause }),
    ...redriveStatus(it, it.stopDate && now),
  };
};
