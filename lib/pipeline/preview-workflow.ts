import type { Rollout } from '../fleet/rollout.ts';
import type { StateMachine, Value } from './asl.ts';
import { inspectFleet } from './inspect-fleet.ts';
import { invoker, lambdaTrouble, type PreviewTaskName, type TaskName, throttled } from './invoke.ts';

/**
 * Says what a run of a bundle would do, and does nothing of it: no lease, no restore point, nobody is asked. It
 * looks at the SQL and at the fleet as a run does, but at no path and no window; what fails, fails the execution.
 */
export const previewWorkflow = ({
  functionArn,
  bucket,
  rollout,
}: {
  functionArn: (task: PreviewTaskName | TaskName) => string;
  bucket: string;
  rollout: Rollout;
}): StateMachine => {
  const invoke = invoker(functionArn);
  return {
    Comment: 'Say what a run of a bundle would do in one environment',
    QueryLanguage: 'JSONata',
    StartAt: 'AdmitPreview',
    States: {
      AdmitPreview: {
        ...invoke('AdmitPreview', {
          input: '{% $states.context.Execution.Input %}',
          execution: '{% $states.context.Execution.Id %}',
          name: '{% $states.context.Execution.Name %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
        }),
        Assign: { run: '{% $states.result.Payload %}' },
        Next: 'Lint',
      },

      Lint: {
        ...invoke('Lint', { run: '{% $run %}' }),
        Assign: { lint: '{% $states.result.Payload %}' },
        Next: 'Discover',
      },

      Discover: {
        ...invoke('Discover', { run: '{% $run %}' }),
        Retry: [throttled, lambdaTrouble],
        Next: 'InspectFleet',
      },

      InspectFleet: inspectFleet(invoke, bucket, { Next: 'Measure' }),

      Measure: {
        ...invoke('Measure', { run: '{% $run %}', results: '{% $states.input.results %}', approved: null }),
        Output: { results: '{% $states.input.results %}', facts: '{% $states.result.Payload.facts %}' },
        Next: 'PlanPreview',
      },

      PlanPreview: {
        ...invoke('PlanPreview', {
          run: '{% $run %}',
          rollout: rollout as unknown as Value,
          results: '{% $states.input.results %}',
          lint: '{% $lint %}',
          facts: '{% $states.input.facts %}',
        }),
        Output: '{% $states.result.Payload %}',
        End: true,
      },
    },
  };
};
