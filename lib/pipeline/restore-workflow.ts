import type { TimeToAnswer } from './ask-people.ts';
import type { Catch, Retry, State, StateMachine } from './asl.ts';
import { asReported } from './ending.ts';
import { clusterBusy, invoker, lambdaTrouble, type RestoreTaskName, readItems, writeResults } from './invoke.ts';
import { requestApproval } from './request-approval.ts';

export type RestoreWorkflowOptions = {
  functionArn: (task: RestoreTaskName | 'RequestApproval') => string;
  /** Name of the bucket that holds what restores write. */
  bucket: string;
  /** How long approvers have, and when they are reminded, in seconds; null where no approval is asked for. */
  approval: TimeToAnswer | null;
};

/**
 * Gives clusters back as they were before a run: new ones are made from the run's restore points and, if that is asked
 * for, take the old ones' names, once all of them are there and proven to be what they were.
 *
 * Read it downwards: the states stand in the order in which a good restore passes through them. Whatever happens ends
 * in ReportRestore, which releases the lease and tells people.
 */
export const restoreWorkflow = (options: RestoreWorkflowOptions): StateMachine => {
  const { bucket, approval } = options;
  const invoke = invoker(options.functionArn);

  return {
    Comment: 'Give clusters back as they were before a run',
    QueryLanguage: 'JSONata',
    StartAt: 'AdmitRestore',
    States: {
      AdmitRestore: {
        ...invoke('AdmitRestore', {
          input: '{% $states.context.Execution.Input %}',
          execution: '{% $states.context.Execution.Id %}',
          restore: '{% $states.context.Execution.Name %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
        }),
        Assign: {
          run: '{% $states.result.Payload.run %}',
          order: '{% $states.result.Payload.order %}',
          ...{ failure: null, approved: null, asked: 0 },
        },
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Assign: {
              run: { run: '{% $states.context.Execution.Name %}' },
              order: { run: null },
              failure: '{% $states.errorOutput %}',
            },
            Next: 'ReportRestore',
          },
        ],
        Next: 'PlanRestore',
      },

      PlanRestore: {
        ...invoke('PlanRestore', { run: '{% $run %}', order: '{% $order %}', approved: '{% $approved %}' }),
        Retry: [rdsBusy, lambdaTrouble],
        Assign: { plan: '{% $states.result.Payload %}' },
        Catch: [toReport],
        Next: approval === null ? 'RestoreClusters' : 'Approved',
      },

      ...(approval === null ? {} : askFirst(invoke, approval)),

      RestoreClusters: {
        ...clusters(bucket, RESTORE, 'restore', invoke),
        Catch: [toReport],
        Next: 'CheckRestored',
      },

      CheckRestored: {
        ...invoke('CheckRestored', { run: '{% $run %}', clusters: '{% $plan.clusters %}' }),
        Catch: [toReport],
        Next: 'SwapAskedFor',
      },

      SwapAskedFor: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $plan.swap %}', Next: 'SwapClusters' }],
        Default: 'ReportRestore',
      },

      SwapClusters: {
        Comment: 'From the first renaming to the second, a cluster is not reached by its name',
        ...clusters(bucket, SWAP, 'swap', invoke),
        Catch: [toReport],
        Next: 'ReportRestore',
      },

      ReportRestore: {
        ...invoke('ReportRestore', {
          run: "{% $merge([{ 'run': $run.run }, $exists($run.startedAt) ? { 'startedAt': $run.startedAt, 'token': $run.token } : {}]) %}",
          restores: '{% $order.run %}',
          execution: '{% $states.context.Execution.Id %}',
          failure: '{% $failure %}',
        }),
        Output: '{% $states.result.Payload %}',
        Next: 'Successful',
      },

      ...asReported,
    },
  };
};

type Invoke = ReturnType<typeof invoker<RestoreTaskName | 'RequestApproval'>>;

/** What was approved is planned once more, and carried out only if it is still the same. */
const askFirst = (invoke: Invoke, time: TimeToAnswer): Record<string, State> => ({
  Approved: {
    Type: 'Choice',
    Choices: [
      {
        Condition: '{% $approved = null %}',
        Comment: 'not approved yet',
        Assign: { askedAt: '{% $toMillis($states.context.State.EnteredTime) %}' },
        Next: 'RequestApproval',
      },
    ],
    Default: 'RestoreClusters',
  },

  RequestApproval: requestApproval(invoke, time, { next: 'PlanRestore', otherwise: [toReport] }),
});

/** Every cluster by itself, step by step: one that breaks is written down, and hinders no other. */
const clusters = (bucket: string, named: Names, phase: 'restore' | 'swap', invoke: Invoke) => ({
  Type: 'Map' as const,
  Label: named.label,
  ItemReader: readItems(bucket, '$plan.manifest.key', '$plan.manifest.version'),
  ItemSelector: {
    run: '{% $run %}',
    order: '{% $order %}',
    phase,
    cluster: '{% $states.context.Map.Item.Value %}',
    since: '{% $states.context.State.EnteredTime %}',
    verified: 0,
  },
  MaxConcurrency: 10,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED' as const, ExecutionType: 'STANDARD' as const },
    StartAt: named.advance,
    States: {
      [named.advance]: {
        ...invoke('AdvanceRestore', '{% $states.input %}'),
        Retry: [rdsBusy, lambdaTrouble],
        Output:
          "{% $merge([$states.input, { 'progress': $states.result.Payload, 'verified': $states.result.Payload.verified }]) %}",
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Output: "{% $merge([$states.input, { 'phase': 'failed', 'error': $states.errorOutput }]) %}",
            Next: named.failed,
          },
        ],
        Next: named.question,
      },

      [named.question]: {
        Type: 'Choice',
        Choices: [{ Condition: "{% $states.input.progress.state = 'done' %}", Next: named.done }],
        Default: named.wait,
      },

      [named.wait]: { Type: 'Wait', Seconds: '{% $states.input.progress.seconds %}', Next: named.advance },

      [named.failed]: {
        ...invoke('AdvanceRestore', '{% $states.input %}'),
        Output: { cluster: '{% $states.input.cluster.cluster %}', state: 'failed' },
        End: true,
      },

      [named.done]: {
        Type: 'Pass',
        Output: { cluster: '{% $states.input.cluster.cluster %}', state: 'done' },
        End: true,
      },
    } satisfies Record<string, State>,
  },
  ResultWriter: writeResults(bucket, `'runs/' & $run.run & '/${phase}'`),
  Output: {},
});

type Names = Record<'label' | 'advance' | 'question' | 'wait' | 'failed' | 'done', string>;

/** A state's name stands once in a machine. */
const RESTORE: Names = {
  ...{ label: 'Restore', advance: 'RestoreCluster', question: 'ClusterRestored', wait: 'WaitForRestore' },
  ...{ failed: 'RecordRestoreFailure', done: 'RestoreDone' },
};

const SWAP: Names = {
  ...{ label: 'Swap', advance: 'SwapCluster', question: 'ClusterSwapped', wait: 'WaitForSwap' },
  ...{ failed: 'RecordSwapFailure', done: 'SwapDone' },
};

/** What RDS is busy with, it is done with after a while; each step may be taken again without harm. */
const rdsBusy: Retry = {
  ...clusterBusy,
  ErrorEquals: [
    ...clusterBusy.ErrorEquals,
    'InvalidDBInstanceStateFault',
    'InvalidDBInstanceState',
    'InvalidDBClusterSnapshotStateFault',
    'InvalidResourceStateFault',
  ],
};

const toReport: Catch = {
  ErrorEquals: ['States.ALL'],
  Assign: { failure: '{% $states.errorOutput %}' },
  Next: 'ReportRestore',
};
