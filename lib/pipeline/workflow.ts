import type { Rollout } from '../fleet/rollout.ts';
import type { TimeToAnswer } from './ask-people.ts';
import type { Catch, State, StateMachine, Value } from './asl.ts';
import { asReported } from './ending.ts';
import { holdState } from './hold.ts';
import { inspectFleet } from './inspect-fleet.ts';
import { invoker, lambdaTrouble, type TaskName, throttled } from './invoke.ts';
import { requestApproval } from './request-approval.ts';
import { beforeAnybodySpoke, beforeTheFirstWave, rolloutStates } from './rollout-states.ts';

export type WorkflowOptions = {
  functionArn: (task: TaskName) => string;
  /** Name of the bucket that holds bundles and what runs write. */
  bucket: string;
  /** How long approvers have, and when they are reminded, in seconds; null where no approval is asked for. */
  approval: TimeToAnswer | null;
  rollout: Rollout;
  /** Databases worked on at once within a cluster. */
  databasesAtOnce: number;
  /** The user's own function that is asked after each wave, if there is one. */
  healthCheck: { functionArn: string; service: string; environment: string } | null;
  /** Whether a run that was started by itself waits until its bundle may come here. @default false */
  waits?: boolean;
};

/**
 * Brings the fleet of one environment to the schema of one bundle, or takes back there what an earlier run applied.
 *
 * Read it downwards: the states stand in the order in which a good run passes through them. Whatever happens after
 * admission, and admission refused too, ends in Report, which releases the lease and tells people.
 */
export const workflow = (options: WorkflowOptions): StateMachine => {
  const { bucket, approval, rollout } = options;
  const invoke = invoker(options.functionArn);

  return {
    Comment: 'Bring the fleet of one environment to the schema of one bundle, or take an earlier run back',
    QueryLanguage: 'JSONata',
    StartAt: 'Admit',
    States: {
      Admit: {
        ...invoke('Admit', {
          input: '{% $states.context.Execution.Input %}',
          execution: '{% $states.context.Execution.Id %}',
          run: '{% $states.context.Execution.Name %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
          ...(rollout.windows ? { windows: rollout.windows as unknown as Value } : {}),
        }),
        Retry: [throttled, lambdaTrouble],
        Assign: { run: '{% $states.result.Payload %}', ...admitted },
        Catch: [
          ...(options.waits ? [notPromotedYet] : []),
          {
            ErrorEquals: ['States.ALL'],
            Assign: {
              run: { run: '{% $states.context.Execution.Name %}' },
              ...admitted,
              failure: '{% $states.errorOutput %}',
            },
            Next: 'Report',
          },
        ],
        Next: 'Lint',
      },

      ...(options.waits ? { WaitForPromotion: waitForPromotion } : {}),

      Lint: {
        ...invoke('Lint', { run: '{% $run %}' }),
        Assign: { lint: '{% $states.result.Payload %}' },
        Catch: [toReport],
        Next: 'Discover',
      },

      Discover: {
        ...invoke('Discover', { run: '{% $run %}' }),
        Retry: [throttled, lambdaTrouble],
        Catch: [toReport],
        Next: 'InspectFleet',
      },

      InspectFleet: inspectFleet(invoke, bucket, { Catch: [toReport], Next: 'Measure' }),

      Measure: {
        ...invoke('Measure', {
          run: '{% $run %}',
          results: '{% $states.input.results %}',
          approved: '{% $approved %}',
        }),
        Assign: callsOfOneMore,
        Output: { results: '{% $states.input.results %}', facts: '{% $states.result.Payload.facts %}' },
        Catch: [toReport],
        Next: 'Plan',
      },

      Plan: {
        ...invoke('Plan', {
          run: '{% $run %}',
          rollout: rollout as unknown as Value,
          results: '{% $states.input.results %}',
          approved: '{% $approved %}',
          lint: '{% $lint %}',
          facts: '{% $states.input.facts %}',
        }),
        Retry: [throttled, lambdaTrouble],
        Assign: {
          plan: '{% $states.result.Payload %}',
          pace: '{% $states.result.Payload.pace %}',
          ...beforeTheFirstWave,
        },
        Catch: [toReport],
        Next: 'AnythingPending',
      },

      AnythingPending: {
        Type: 'Choice',
        Choices: [
          ...(approval === null
            ? []
            : [
                {
                  Condition: '{% $plan.pending > 0 and $approved = null and $not($run.decided) %}',
                  Comment: 'not approved yet',
                  Assign: { askedAt: '{% $toMillis($states.context.State.EnteredTime) %}' },
                  Next: 'RequestApproval',
                },
              ]),
          {
            Condition: '{% $plan.pending > 0 %}',
            ...(approval === null ? {} : { Comment: 'approved' }),
            Next: 'Gate',
          },
        ],
        Default: 'Converge',
      },

      ...(approval === null
        ? {}
        : { RequestApproval: requestApproval(invoke, approval, { next: 'InspectFleet', otherwise: [toReport] }) }),

      ...rolloutStates(invoke, {
        bucket,
        databasesAtOnce: options.databasesAtOnce,
        healthCheck: options.healthCheck,
        hold: holdState(invoke, approval, { next: 'Gate', otherwise: [toReport] }),
        windows: rollout.windows !== undefined,
        toReport,
      }),

      Converge: {
        ...invoke('Converge', { run: '{% $run %}' }),
        Assign: callsOfOneMore,
        Catch: [toReport],
        Next: 'Report',
      },

      Report: {
        ...invoke('Report', {
          run: '{% $run %}',
          execution: '{% $states.context.Execution.Id %}',
          failure: '{% $failure %}',
          revert: '{% $revert %}',
          pace: '{% $pace %}',
          dataApiCalls: '{% $dataApiCalls %}',
        }),
        Output: '{% $states.result.Payload %}',
        Next: 'Successful',
      },

      ...asReported,
    },
  };
};

const admitted = {
  failure: null,
  revert: false,
  approved: null,
  asked: 0,
  pace: null,
  dataApiCalls: 0,
  ...beforeAnybodySpoke,
};
/** Steps that look at the fleet as a whole: their calls belong to no database. */
const callsOfOneMore = { dataApiCalls: '{% $dataApiCalls + $states.result.Payload.dataApiCalls %}' };
const notPromotedYet: Catch = { ErrorEquals: ['NotPromotedYet'], Next: 'WaitForPromotion' };

/** Nothing is held meanwhile, and a wait costs a few state transitions an hour. */
const waitForPromotion: State = {
  Comment: 'For the soak time, for evidence, for an environment before, or for its turn',
  Type: 'Wait',
  Seconds: 900,
  Next: 'Admit',
};

const toReport: Catch = {
  ErrorEquals: ['States.ALL'],
  Assign: { failure: '{% $states.errorOutput %}' },
  Next: 'Report',
};
