import { expect, test } from 'vitest';
import { parseDefinition } from '../../../lib/local/step-functions/definition/definition.ts';
import { askPerson, FUNCTION, invokeStep } from './lab.ts';
import { distributed, machine, pass, problems } from './problems.ts';

const task = invokeStep();

test('a definition of every supported kind passes', () => {
  expect(
    problems({
      QueryLanguage: 'JSONata',
      Comment: 'all of it',
      TimeoutSeconds: 3600,
      StartAt: 'P',
      States: {
        P: { Type: 'Pass', Assign: { x: 1 }, Next: 'C' },
        C: { Type: 'Choice', Choices: [{ Condition: '{% $x = 1 %}', Next: 'T' }], Default: 'F' },
        T: {
          ...invokeStep({
            Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' }],
            Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'F' }],
          }),
          End: undefined,
          Next: 'W',
        },
        W: { Type: 'Wait', Timestamp: '2026-01-05T10:00:00Z', Next: 'M' },
        M: {
          Type: 'Map',
          Items: [1],
          ItemProcessor: distributed('EXPRESS', pass),
          ToleratedFailurePercentage: 5,
          Next: 'L',
        },
        L: { Type: 'Parallel', Branches: [{ StartAt: 'L1', States: { L1: pass } }], Next: 'S' },
        S: { Type: 'Succeed' },
        F: { Type: 'Fail', Error: '{% $states.input.Error %}' },
      },
    }),
  ).toEqual([]);
});

test('the failure’s sentence is in AWS’s form and names state and field', () => {
  expect(() => parseDefinition(JSON.stringify(machine({ Type: 'Pass', InputPath: '$', End: true })))).toThrow(
    "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/A/InputPath'",
  );
});

test.each<[string, unknown, string]>([
  ['text that is not JSON', '{', 'INVALID_JSON_DESCRIPTION'],
  ['no states', { QueryLanguage: 'JSONata', StartAt: 'A' }, 'These fields are required: [States] at /'],
  [
    'JSONPath for want of a language',
    { StartAt: 'A', States: { A: pass } },
    'The query language of this state is JSONPath',
  ],
  ['JSONPath by a state', machine({ ...pass, QueryLanguage: 'JSONPath' }), "can not be 'JSONPath'"],
  ['a StartAt that leads nowhere', { ...machine(pass), StartAt: 'B' }, "Missing 'StartAt' target: B at /StartAt"],
  ['a Next that leads nowhere', machine({ Type: 'Pass', Next: 'B' }), "Missing 'Next' target: B at /States/A/Next"],
  [
    'a Default that leads nowhere',
    machine({ Type: 'Choice', Choices: [{ Condition: true, Next: 'B' }], Default: 'C' }, { B: pass }),
    'target: C at /States/A/Default',
  ],
  [
    'a catcher that leads nowhere',
    machine(invokeStep({ Catch: [{ ErrorEquals: ['E'], Next: 'B' }] })),
    'target: B at /States/A/Catch[0]/Next',
  ],
  ['a state nothing leads to', machine(pass, { B: pass }), "State 'B' is not reachable. at /States/B"],
  [
    'states without an end',
    machine({ Type: 'Pass', Next: 'A' }),
    'MISSING_END_STATE: No terminal state found in machine at /States',
  ],
  [
    'neither Next nor End',
    machine({ Type: 'Pass' }),
    'Exactly one of these fields is required: [Next, End: true] at /States/A',
  ],
  [
    'both Next and End',
    machine({ ...pass, Next: 'B' }, { B: pass }),
    'Exactly one of these fields is required: [Next, End: true] at /States/A',
  ],
  [
    'one name for two states',
    machine({ Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: pass } }], End: true }),
    'DUPLICATE_STATE_NAME',
  ],
  [
    'a type that does not exist',
    machine({ Type: 'Loop', End: true }),
    'The state type "Loop" is not supported at /States/A/Type',
  ],
  [
    'a field of another type',
    machine({ ...pass, Seconds: 3 }),
    "Field 'Seconds' is not supported in a state of type Pass at /States/A/Seconds",
  ],
  [
    'Assign in Succeed',
    machine({ Type: 'Succeed', Assign: { x: 1 } }),
    "Field 'Assign' is not supported in a state of type Succeed at /States/A/Assign",
  ],
  ['Assign in Fail', machine({ Type: 'Fail', Assign: { x: 1 } }), '/States/A/Assign'],
  ['Retry in Wait', machine({ Type: 'Wait', Seconds: 1, Retry: [], End: true }), '/States/A/Retry'],
  [
    'ItemBatcher',
    machine({ Type: 'Map', Items: [], ItemBatcher: {}, ItemProcessor: distributed('STANDARD', pass), End: true }),
    '/States/A/ItemBatcher',
  ],
  [
    'a resource that is not supported',
    machine({ ...task, Resource: 'arn:aws:states:::sqs:sendMessage' }),
    'The resource arn:aws:states:::sqs:sendMessage is not supported',
  ],
  ['a function’s own ARN as resource', machine({ ...task, Resource: FUNCTION }), '/States/A/Resource'],
  [
    'an argument that is not supported',
    machine({ ...task, Arguments: { FunctionName: 'f', InvocationType: 'Event' } }),
    "'InvocationType' is not supported",
  ],
  [
    'a missing argument',
    machine({ ...task, Arguments: { Payload: 1 } }),
    "The field 'FunctionName' is required but was missing at /States/A/Arguments",
  ],
  [
    'a heartbeat longer than the timeout',
    machine(askPerson({ TimeoutSeconds: 60, HeartbeatSeconds: 60 })),
    'HeartbeatSeconds must be smaller',
  ],
  ['a timeout of nothing', machine(invokeStep({ TimeoutSeconds: 0 })), '/States/A/TimeoutSeconds'],
  [
    'States.ALL in company',
    machine(invokeStep({ Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] })),
    "'States.ALL' must appear alone",
  ],
  [
    'States.ALL before the last',
    machine(invokeStep({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] })),
    "'States.ALL' must appear alone",
  ],
  [
    'a retrier with a negative delay',
    machine(invokeStep({ Retry: [{ ErrorEquals: ['E'], IntervalSeconds: -1 }] })),
    '/Retry[0]/IntervalSeconds',
  ],
  ['a retrier without errors', machine(invokeStep({ Retry: [{ ErrorEquals: [] }] })), '/Retry[0]/ErrorEquals'],
  [
    'a timestamp without its zone',
    machine({ Type: 'Wait', Timestamp: '2026-01-05T10:00:00', End: true }),
    'String does not match RFC3339 timestamp at /States/A/Timestamp',
  ],
  [
    'two ways to wait',
    machine({ Type: 'Wait', Timestamp: '2026-01-05T10:00:00Z', Seconds: 1, End: true }),
    '[Seconds, Timestamp]',
  ],
  ['a choice without rules', machine({ Type: 'Choice', Choices: [] }), '/States/A/Choices'],
  [
    'a rule in JSONPath',
    machine({ Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'B' }] }, { B: pass }),
    "field 'Variable' is only supported for the 'JSONPath'",
  ],
])('refuses %s', (_, definition, problem) => {
  expect(problems(definition).join('\n')).toContain(problem);
});
