import type { Catch, State } from './asl.ts';
import { clusterBusy, type Invoke, lambdaTrouble } from './invoke.ts';

/** One cluster: nothing is applied before its restore point is available, and its databases come one after another. */
export const migrateCluster = (invoke: Invoke) => ({
  StartAt: 'EnsureRestorePoint',
  States: {
    EnsureRestorePoint: {
      ...invoke('EnsureRestorePoint', '{% $states.input %}'),
      Output: "{% $merge([$states.input, { 'restorePoint': $states.result.Payload }]) %}",
      Retry: [clusterBusy, lambdaTrouble],
      Catch: [toRecordFailure('RecordClusterFailure')],
      Next: 'RestorePointAvailable',
    },

    RestorePointAvailable: {
      Type: 'Choice',
      Choices: [{ Condition: "{% $states.input.restorePoint.status = 'available' %}", Next: 'Databases' }],
      Default: 'WaitForRestorePoint',
    },

    WaitForRestorePoint: { Type: 'Wait', Seconds: 30, Next: 'EnsureRestorePoint' },

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
      MaxConcurrency: 1,
      ItemProcessor: {
        StartAt: 'Apply',
        States: {
          Apply: {
            ...invoke('Apply', '{% $states.input %}'),
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
            Seconds: '{% $min([60, 2 + $states.input.polls * 3]) %}',
            Output: "{% $merge([$states.input, { 'polls': $states.input.polls + 1 }]) %}",
            Next: 'Apply',
          },

          Verify: {
            ...invoke('Verify', '{% $states.input %}'),
            Output: '{% { "verdict": $states.result.Payload.verdict } %}',
            Catch: [toRecordFailure('RecordFailure')],
            End: true,
          },

          RecordFailure: {
            ...invoke('RecordFailure', '{% $states.input %}'),
            Output: { verdict: 'failed' },
            End: true,
          },

          DatabaseDone: { Type: 'Pass', Output: { verdict: '{% $states.input.progress.state %}' }, End: true },
        },
      },
      Output: { failed: "{% $count($states.result[$not(verdict in ['applied', 'reverted'])]) %}" },
      Next: 'ClusterSuccessful',
    },

    RecordClusterFailure: {
      ...invoke('RecordFailure', '{% $states.input %}'),
      Output: { failed: '{% $count($states.input.cluster.databases) %}' },
      Next: 'ClusterFailed',
    },

    ClusterSuccessful: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.failed = 0 %}', Next: 'ClusterDone' }],
      Default: 'ClusterFailed',
    },

    ClusterDone: { Type: 'Succeed' },

    ClusterFailed: {
      Type: 'Fail',
      Error: 'MigrationFailed',
      Cause: "{% $string($states.input.failed) & ' database(s) of the cluster failed' %}",
    },
  } satisfies Record<string, State>,
});

const toRecordFailure = (state: string): Catch => ({
  ErrorEquals: ['States.ALL'],
  Output: "{% $merge([$states.input, { 'error': $states.errorOutput }]) %}",
  Next: state,
});
