import type { MapRun } from '../distributed-map/map-run.ts';
import type { Engine, Execution, ExecutionStatus } from '../engine.ts';
import { type Actions, epochSeconds } from './api.ts';
import { ApiError, executionDoesNotExist } from './api-error.ts';
import { page } from './paging.ts';

export const mapRunActions = ({ executions }: Engine): Actions => {
  const find = (arn: string) => {
    const run = executions.mapRun(arn);
    if (!run) throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`);
    return run;
  };
  return {
    DescribeMapRun: (input) => describe(find(input.string('mapRunArn', { most: 2000 }))),

    ListMapRuns(input) {
      const arn = input.string('executionArn', { most: 256 });
      const execution = executions.get(arn);
      if (!execution) throw executionDoesNotExist(arn);
      const { items, nextToken } = page(input, execution.mapRuns.toReversed(), (run) => run.arn);
      return { mapRuns: items.map(listed), nextToken };
    },

    UpdateMapRun(input) {
      const run = find(input.string('mapRunArn', { most: 2000 }));
      const maxConcurrency = input.optionalInteger('maxConcurrency', 0);
      const toleratedFailureCount = input.optionalInteger('toleratedFailureCount', 0);
      const toleratedFailurePercentage = input.optionalNumber('toleratedFailurePercentage', 0, 100);
      if (run.status !== 'RUNNING')
        throw new ApiError('ValidationException', `The Map Run is ${run.status}: only a running one can be updated`);
      if (maxConcurrency !== undefined) run.maxConcurrency = maxConcurrency;
      if (toleratedFailureCount !== undefined) run.toleratedFailureCount = toleratedFailureCount;
      if (toleratedFailurePercentage !== undefined) run.toleratedFailurePercentage = toleratedFailurePercentage;
      run.wake();
      return {};
    },
  };
};

const listed = (run: MapRun) => ({
  executionArn: run.parent.arn,
  mapRunArn: run.arn,
  stateMachineArn: `${run.parent.stateMachine.arn}/${run.label}`,
  startDate: epochSeconds(run.startDate),
  ...(run.stopDate && { stopDate: epochSeconds(run.stopDate) }),
});

const describe = (run: MapRun) => ({
  mapRunArn: run.arn,
  executionArn: run.parent.arn,
  status: run.status,
  startDate: epochSeconds(run.startDate),
  ...(run.stopDate && { stopDate: epochSeconds(run.stopDate) }),
  maxConcurrency: run.maxConcurrency,
  toleratedFailurePercentage: run.toleratedFailurePercentage ?? 0,
  toleratedFailureCount: run.toleratedFailureCount ?? 0,
  itemCounts: counts(run),
  executionCounts: counts(run),
  redriveCount: run.redriveCount,
  ...(run.redriveDate && { redriveDate: epochSeconds(run.redriveDate) }),
});

/** Without batches every item is an execution. */
const counts = ({ children, inputs, resultsWritten }: MapRun) => {
  const count = (status: ExecutionStatus) => children.filter((child: Execution) => child.status === status).length;
  return {
    pending: inputs.length - children.length,
    running: count('RUNNING'),
    succeeded: count('SUCCEEDED'),
    failed: count('FAILED'),
    timedOut: count('TIMED_OUT'),
    aborted: count('ABORTED'),
    total: inputs.length,
    resultsWritten,
    failuresNotRedrivable: 0,
    pendingRedrive: count('PENDING_REDRIVE'),
  };
};
