import type { Catch, Retry, State } from './asl.ts';
import { clusterBusy, type Invoke, lambdaTrouble } from './invoke.ts';

/**
 * One cluster, or a part of its databases: nothing is applied before its restore point is available. Nothing here fails:
 * what goes wrong is a verdict in the ledger. Where that can't be written either, the execution breaks, and Gate sees it.
 */
export const migrateCluster = (invoke: Invoke, databasesAtOnce: number) => ({
  StartAt: 'EnsureRestorePoint',
  States: {
    EnsureRestorePoint: {
      ...invoke('EnsureRestorePoint', '{% $states.input %}'),
      Output: "{% $merge([$states.input, { 'restorePoint': $states.result.Payload }]) %}",
      Retry: [restorePointPending, clusterBusy, lambdaTrouble],
      Catch: [toRecordFailure('RecordClusterFailure')],
      Next: 'RestorePointThere',
    },

    RestorePointThere: {
      Type: 'Choice',
      Choices: [{ Condition: "{% $states.input.restorePoint.status = 'skipped' %}", Next: 'NotStarted' }],
      Default: 'Databases',
    },

    Databases: {
      Type: 'Map',
      Items: '{% $states.input.cluster.databases %}',
      ItemSelector: {
        run: '{% $states.input.run %}',
        wave: '{% $states.input.wave %}',
        cluster: '{% $states.input.cluster %}',
        snapshot: '{% $states.input.restorePoint.snapshot %}',
        database: '{% $states.context.Map.Item.Value %}',
        polls: 0,
      },
      MaxConcurrency: databasesAtOnce,
      ItemProcessor: {
        StartAt: 'Apply',
        States: {
          Apply: {
            ...invoke('Apply', "{% $merge([$states.input, { 'retries': $states.context.State.RetryCount }]) %}"),
            Output: "{% $merge([$states.input, { 'progress': $states.result.Payload }]) %}",
            Catch: [toRecordFailure('RecordFailure')],
            Next: 'Applied',
          },

          Applied: {
            Type: 'Choice',
            Choices: [
              { Condition: "{% $states.input.progress.state = 'applied' %}", Next: 'Verify' },
              { Condition: "{% $states.input.progress.state = 'running' %}", Next: 'WaitWhileRunning' },
            ],
            Default: 'DatabaseDone',
          },

          WaitWhileRunning: {
            Comment: 'A statement outlives the call that carried it: ask again, ever less often',
            Type: 'Wait',
            Seconds: '{% $states.input.polls > 8 ? 60 : $round(2 * $power(1.5, $states.input.polls)) %}',
            Output: "{% $merge([$states.input, { 'polls': $states.input.polls + 1 }]) %}",
            Next: 'Apply',
          },

          Verify: {
            ...invoke('Verify', '{% $states.input %}'),
            Output: {},
            Catch: [toRecordFailure('RecordFailure')],
            End: true,
          },

          RecordFailure: {
            ...invoke('RecordFailure', '{% $states.input %}'),
            Output: {},
            End: true,
          },

          DatabaseDone: { Type: 'Succeed', Output: {} },
        },
      },
      Output: {},
      End: true,
    },

    RecordClusterFailure: { ...invoke('RecordFailure', '{% $states.input %}'), Output: {}, End: true },

    NotStarted: { Type: 'Succeed', Output: {} },
  } satisfies Record<string, State>,
});

/** A snapshot of a large cluster takes hours: it is waited for longer than the longest that anybody has told of. */
const restorePointPending: Retry = {
  ErrorEquals: ['RestorePointPending'],
  IntervalSeconds: 30,
  MaxAttempts: 500,
  BackoffRate: 1.5,
  MaxDelaySeconds: 180,
};

const toRecordFailure = (state: string): Catch => ({
  ErrorEquals: ['States.ALL'],
  Output: "{% $merge([$states.input, { 'error': $states.errorOutput }]) %}",
  Next: state,
});
