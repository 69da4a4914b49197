import type { Catch, State } from './asl.ts';
import { type Invoke, readItems, writeResults } from './invoke.ts';

/** Looks where every database of the fleet stands, many clusters at once; changes nothing. Of runs and of previews. */
export const inspectFleet = (invoke: Invoke, bucket: string, next: { Catch?: Catch[]; Next: string }): State => ({
  Type: 'Map',
  Label: 'Inspect',
  ItemReader: readItems(bucket, "'runs/' & $run.run & '/fleet.json'"),
  ItemSelector: { run: '{% $run %}', cluster: '{% $states.context.Map.Item.Value %}' },
  MaxConcurrency: 40,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'InspectCluster',
    States: {
      InspectCluster: {
        ...invoke('InspectCluster', '{% $states.input %}'),
        Output: '{% $states.result.Payload %}',
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Output: "{% $merge([$states.input, { 'error': $states.errorOutput }]) %}",
            Next: 'InspectionFailed',
          },
        ],
        End: true,
      },

      InspectionFailed: {
        Comment: 'A cluster that breaks its inspection is a problem of the plan, which names it',
        Type: 'Pass',
        Output: "{% $merge([$states.input.cluster, { 'error': $states.input.error }]) %}",
        End: true,
      },
    },
  },
  ResultWriter: writeResults(bucket, "'runs/' & $run.run & '/inspected'"),
  Output: { results: '{% $states.result.ResultWriterDetails.Key %}' },
  ...next,
});
