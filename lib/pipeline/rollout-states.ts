import type { Catch, State } from './asl.ts';
import { beginHold } from './hold.ts';
import { type Invoke, lambdaTrouble, readItems, throttled, writeResults } from './invoke.ts';
import { migrateCluster } from './migrate-cluster.ts';
import { parkStates } from './park.ts';

export type RolloutOptions = {
  bucket: string;
  databasesAtOnce: number;
  /** ARN of the user's own function that is asked after each wave. */
  healthCheck: { functionArn: string; service: string; environment: string } | null;
  /** The state in which a rollout that is held waits for a person. */
  hold: State;
  /** Whether waves begin in windows only. */
  windows: boolean;
  toReport: Catch;
};

/** What people have said of it, which stands though it be planned once more. */
export const beforeAnybodySpoke = { holds: 0, decided: null, pardoned: { failed: 0, since: null } };

/** What the workflow remembers of a rollout between two looks; see `Standing` in lib/fleet/gate.ts. */
export const beforeTheFirstWave = {
  at: 0,
  began: null,
  ended: null,
  health: null,
  again: false,
  mapRun: null,
};

/**
 * The waves, one after another. Before the first one, after each, and while one bakes, Gate looks at what has become of
 * it and says what comes next.
 */
export const rolloutStates = (invoke: Invoke, options: RolloutOptions): Record<string, State> => ({
  Gate: {
    ...invoke('Gate', {
      run: '{% $run %}',
      rollout: '{% $plan.rollout %}',
      standing: {
        at: '{% $at %}',
        began: '{% $began %}',
        ended: '{% $ended %}',
        again: '{% $again %}',
        health: '{% $health %}',
        holds: '{% $holds %}',
        answer: '{% $decided %}',
        pardoned: '{% $pardoned %}',
      },
      mapRun: '{% $mapRun %}',
      pace: '{% $pace %}',
    }),
    Retry: [throttled, lambdaTrouble],
    Assign: {
      gate: '{% $states.result.Payload.step %}',
      ended: '{% $states.result.Payload.ended %}',
      pace: '{% $states.result.Payload.pace %}',
      decided: null,
    },
    Catch: [options.toReport],
    Next: 'WhatNext',
  },

  WhatNext: {
    Type: 'Choice',
    Choices: [
      {
        Condition: "{% $gate.next = 'wave' %}",
        Assign: {
          at: '{% $gate.wave.wave %}',
          again: '{% $gate.again %}',
          pardoned: '{% $gate.pardoned %}',
          began: '{% $states.context.State.EnteredTime %}',
          ended: null,
          health: null,
        },
        Next: 'Wave',
      },
      { Condition: "{% $gate.next = 'bake' %}", Next: 'Bake' },
      ...(options.healthCheck ? [{ Condition: "{% $gate.next = 'health' %}", Next: 'HealthCheck' }] : []),
      ...(options.windows
        ? [{ Condition: "{% $gate.next = 'park' %}", Assign: { decided: '{% $gate.answer %}' }, Next: 'Park' }]
        : []),
      {
        Condition: "{% $gate.next = 'hold' %}",
        Assign: { holds: '{% $gate.hold.number %}', ...beginHold('{% $gate.hold %}') },
        Next: 'Hold',
      },
      {
        Condition: "{% $gate.next = 'halt' %}",
        Assign: {
          failure: { Error: '{% $gate.error %}', Cause: '{% $gate.reason %}' },
          revert: '{% $gate.revert %}',
        },
        Next: 'Report',
      },
    ],
    Default: 'Converge',
  },

  Wave: {
    Comment: 'As many at once as the wave says',
    Type: 'Map',
    Label: 'Wave',
    ItemReader: readItems(options.bucket, '$gate.wave.key', '$gate.wave.version'),
    ItemSelector: {
      run: '{% $run %}',
      wave: {
        wave: '{% $gate.wave.wave %}',
        budget: '{% $gate.wave.budget %}',
        pardoned: '{% $pardoned.failed %}',
        again: '{% $again %}',
      },
      cluster: '{% $states.context.Map.Item.Value %}',
    },
    MaxConcurrency: '{% $gate.wave.concurrency %}',
    // Failures are counted in the ledger, where whoever is about to start sees them; to be told to stop by the map
    // would leave those at work alone.
    ToleratedFailurePercentage: 100,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      ...migrateCluster(invoke, options.databasesAtOnce),
    },
    ResultWriter: writeResults(options.bucket, "'runs/' & $run.run & '/waves/' & $gate.wave.wave"),
    Assign: { mapRun: '{% $states.result.MapRunArn %}' },
    Output: {},
    Catch: [options.toReport],
    Next: 'Gate',
  },

  Bake: { Type: 'Wait', Seconds: '{% $gate.seconds %}', Next: 'Gate' },

  ...(options.healthCheck ? { HealthCheck: healthCheck(options.healthCheck) } : {}),

  ...(options.windows ? parkStates(invoke, options.toReport) : {}),

  Hold: options.hold,
});

/** The user's own function: whatever it does but say that all is well halts the rollout. */
const healthCheck = ({ functionArn, service, environment }: NonNullable<RolloutOptions['healthCheck']>): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: {
    FunctionName: functionArn,
    Payload: { service, environment, run: '{% $run.run %}', wave: '{% $gate.wave %}' },
  },
  Retry: [
    {
      ErrorEquals: ['Lambda.ServiceException', 'Lambda.TooManyRequestsException', 'Lambda.SdkClientException'],
      IntervalSeconds: 2,
      MaxAttempts: 4,
      BackoffRate: 2,
    },
  ],
  Assign: {
    health: {
      healthy: '{% $type($states.result.Payload) = "object" and $states.result.Payload.healthy = true %}',
      reason:
        '{% $type($states.result.Payload) = "object" and $exists($states.result.Payload.reason) ? $substring($string($states.result.Payload.reason), 0, 500) : "it gave no reason" %}',
    },
  },
  Output: {},
  Catch: [
    {
      ErrorEquals: ['States.ALL'],
      Assign: {
        health: {
          healthy: false,
          reason:
            "{% 'it broke: ' & $states.errorOutput.Error & ' ' & $substring($states.errorOutput.Cause, 0, 500) %}",
        },
      },
      Output: {},
      Next: 'Gate',
    },
  ],
  Next: 'Gate',
});
