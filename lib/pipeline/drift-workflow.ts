import type { Catch, StateMachine } from './asl.ts';
import { ends } from './ending.ts';
import { type DriftTaskName, invoker, readItems, writeResults } from './invoke.ts';

/**
 * Looks at every database of an environment, and says which are not as they should be. Changes nothing and takes no
 * lease: a database's history tells by itself whether a run has been at work there meanwhile.
 *
 * Whatever happens ends in TellDrift, which tells people: a check that can't be made is no news that all is well.
 */
export const driftWorkflow = ({
  functionArn,
  bucket,
}: {
  functionArn: (task: DriftTaskName | 'Discover') => string;
  bucket: string;
}): StateMachine => {
  const invoke = invoker(functionArn);
  return {
    Comment: 'Find the databases of one environment that are not as they should be',
    QueryLanguage: 'JSONata',
    StartAt: 'BeginCheck',
    States: {
      BeginCheck: {
        Type: 'Pass',
        // No run can be called so, names have no slash: what it writes lies beside what runs write.
        Assign: {
          run: { run: "{% '_drift/' & $states.context.Execution.Name %}" },
          ...{ found: null, failure: null },
        },
        Next: 'Discover',
      },

      Discover: { ...invoke('Discover', { run: '{% $run %}' }), Catch: [toPeople], Next: 'FingerprintFleet' },

      FingerprintFleet: {
        Type: 'Map',
        Label: 'Fingerprint',
        ItemReader: readItems(bucket, "'runs/' & $run.run & '/fleet.json'"),
        ItemSelector: { run: '{% $run %}', cluster: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: 40,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'FingerprintCluster',
          States: {
            FingerprintCluster: {
              ...invoke('FingerprintCluster', '{% $states.input %}'),
              Output: '{% $states.result.Payload %}',
              Catch: [
                {
                  ErrorEquals: ['States.ALL'],
                  Output: "{% $merge([$states.input.cluster, { 'error': $states.errorOutput }]) %}",
                  Next: 'LookFailed',
                },
              ],
              End: true,
            },

            LookFailed: {
              Comment: 'A cluster that can not be looked at is a finding',
              Type: 'Pass',
              End: true,
            },
          },
        },
        ResultWriter: writeResults(bucket, "'runs/' & $run.run & '/fingerprints'"),
        Output: { results: '{% $states.result.ResultWriterDetails.Key %}' },
        Catch: [toPeople],
        Next: 'FindDrift',
      },

      FindDrift: {
        ...invoke('FindDrift', {
          run: '{% $run %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
          results: '{% $states.input.results %}',
        }),
        Assign: { found: '{% $states.result.Payload %}' },
        Catch: [toPeople],
        Next: 'TellDrift',
      },

      TellDrift: {
        ...invoke('TellDrift', {
          run: '{% $run %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
          found: '{% $found %}',
          failure: '{% $failure %}',
        }),
        Output: '{% $states.result.Payload %}',
        Next: 'CheckMade',
      },

      CheckMade: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.failure = null %}', Next: 'Succeeded' }],
        Default: 'Failed',
      },

      ...ends,
    },
  };
};

const toPeople: Catch = {
  ErrorEquals: ['States.ALL'],
  Assign: { failure: '{% $states.errorOutput %}' },
  Next: 'TellDrift',
};
