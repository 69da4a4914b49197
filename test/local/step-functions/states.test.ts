import { expect, test } from 'vitest';
import { invokeStep, lab, types } from './lab.ts';

test('a Pass state gives its Output, or its input when it has none', async () => {
  const { run } = lab();
  expect(await run({ A: { Type: 'Pass', End: true } }, { a: [1] })).toMatchObject({
    status: 'SUCCEEDED',
    output: { a: [1] },
  });
  const made = await run(
    { A: { Type: 'Pass', Output: { deep: ['{% $states.input.a + 1 %}', { b: 'plain' }] }, End: true } },
    { a: 1 },
  );
  expect(made.output).toEqual({ deep: [2, { b: 'plain' }] });
});

test('the events of a run carry ids, the ids they follow, and AWS’s detail members', async () => {
  const { events } = await lab().run(
    { A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' }, B: { Type: 'Succeed' } },
    { a: 1 },
  );
  expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'PassStateEntered'],
    [3, 2, 'PassStateExited'],
    [4, 3, 'SucceedStateEntered'],
    [5, 4, 'SucceedStateExited'],
    [6, 5, 'ExecutionSucceeded'],
  ]);
  expect(events[1]?.stateEnteredEventDetails).toEqual({
    name: 'A',
    input: '{"a":1}',
    inputDetails: { truncated: false },
  });
  expect(events[2]?.stateExitedEventDetails).toEqual({
    name: 'A',
    output: '{"a":1}',
    outputDetails: { truncated: false },
    assignedVariables: { x: '1' },
    assignedVariablesDetails: { truncated: false },
  });
});

const choice = {
  A: {
    Type: 'Choice',
    Choices: [
      { Condition: '{% $states.input.n > 10 %}', Output: { size: 'large' }, Assign: { way: 'rule' }, Next: 'B' },
      { Condition: false, Next: 'B' },
    ],
    Assign: { way: 'default' },
    Output: { size: 'small' },
    Default: 'B',
  },
  B: { Type: 'Pass', Output: { way: '{% $way %}', size: '{% $states.input.size %}' }, End: true },
};

test('a Choice follows the first true rule with that rule’s Output and Assign', async () => {
  expect((await lab().run(choice, { n: 11 })).output).toEqual({ way: 'rule', size: 'large' });
});

test('a Choice uses its own Output and Assign only on the way to Default', async () => {
  expect((await lab().run(choice, { n: 1 })).output).toEqual({ way: 'default', size: 'small' });
});

test('a Choice without a match and a Default fails with an error that no Catch catches', async () => {
  const branch = {
    StartAt: 'A',
    States: { A: { Type: 'Choice', Choices: [{ Condition: false, Next: 'B' }] }, B: { Type: 'Succeed' } },
  };
  const { status, error, cause } = await lab().run({
    P: { Type: 'Parallel', Branches: [branch], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], Next: 'C' },
    C: { Type: 'Succeed' },
  });
  expect([status, error]).toEqual(['FAILED', 'States.Runtime']);
  expect(cause).toContain("the state 'A'");
  expect(cause).toContain('Failed to transition out of the state');
});

test('a condition that is not a boolean is a States.QueryEvaluationError', async () => {
  const { error, cause } = await lab().run(
    {
      A: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n %}', Next: 'B' }] },
      B: { Type: 'Succeed' },
    },
    { n: 1 },
  );
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toContain(
    "field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1",
  );
});

test('a Wait of fifteen minutes takes fifteen minutes of the clock', async () => {
  expect((await lab().run({ A: { Type: 'Wait', Seconds: 900, End: true } })).seconds).toBe(900);
  expect(
    (await lab().run({ A: { Type: 'Wait', Seconds: '{% $states.input.s * 60 %}', End: true } }, { s: 15 })).seconds,
  ).toBe(900);
});

test('a Wait until a time ends at that time, and at once when it is over', async () => {
  const wait = { A: { Type: 'Wait', Timestamp: '{% $states.input.at %}', End: true } };
  expect((await lab().run(wait, { at: '2026-01-05T10:00:00Z' })).seconds).toBe(3600);
  expect((await lab().run(wait, { at: '2026-01-05T12:00:00.5+02:00' })).seconds).toBe(3600.5);
  expect((await lab().run(wait, { at: '2025-01-01T00:00:00Z' })).seconds).toBe(0);
});

test.each([['2026-01-05 10:00:00Z'], ['2026-01-05T10:00:00'], ['2026-13-05T10:00:00Z']])(
  'a Wait refuses %s, which is not a time with its offset',
  async (at) => {
    const { error, cause, events } = await lab().run(
      { A: { Type: 'Wait', Timestamp: '{% $states.input.at %}', End: true } },
      { at },
    );
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(`cannot be parsed as an ISO-8601 extended offset date-time format string: ${at}`);
    expect(types(events).at(-2)).toBe('EvaluationFailed');
  },
);

test.each([[-1], [1.5], [100_000_000]])('a Wait refuses to wait %s seconds', async (s) => {
  const { error } = await lab().run({ A: { Type: 'Wait', Seconds: '{% $states.input.s %}', End: true } }, { s });
  expect(error).toBe('States.QueryEvaluationError');
});

test('a Fail state fails the execution with its Error and Cause, which may be JSONata', async () => {
  const { status, error, cause, events } = await lab().run(
    { A: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'because' } },
    { e: 'Drift' },
  );
  expect([status, error, cause]).toEqual(['FAILED', 'Drift', 'because']);
  expect(types(events)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
});

const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: { End: true, ...state } } });

test('a Parallel runs its branches at the same time and gives their outputs in their order', async () => {
  const { output, seconds, events } = await lab().run(
    {
      P: {
        Type: 'Parallel',
        Arguments: { n: '{% $states.input.n + 1 %}' },
        Branches: [
          branch('Slow', { Type: 'Wait', Seconds: 20 }),
          branch('Fast', { Type: 'Pass', Output: '{% $states.input.n %}' }),
        ],
        Output: { both: '{% $states.result %}' },
        End: true,
      },
    },
    { n: 1 },
  );
  expect(output).toEqual({ both: [{ n: 2 }, 2] });
  expect(seconds).toBe(20);
  expect(types(events)).toEqual(
    expect.arrayContaining(['ParallelStateStarted', 'ParallelStateSucceeded', 'ParallelStateExited']),
  );
});

test('a Parallel ends with the first branch that fails, and says what it aborted', async () => {
  const { status, error, seconds, events } = await lab().run({
    P: {
      Type: 'Parallel',
      Branches: [
        branch('Long', { Type: 'Wait', Seconds: 500 }),
        {
          StartAt: 'Soon',
          States: { Soon: { Type: 'Wait', Seconds: 5, Next: 'Bad' }, Bad: { Type: 'Fail', Error: 'E' } },
        },
      ],
      End: true,
    },
  });
  expect([status, error, seconds]).toEqual(['FAILED', 'E', 5]);
  expect(types(events).slice(-4)).toEqual([
    'FailStateEntered',
    'WaitStateAborted',
    'ParallelStateFailed',
    'ExecutionFailed',
  ]);
});

test('a Parallel’s Catch sees the failed branch’s error and can assign outer variables', async () => {
  const { output } = await lab({
    handler: () => {
      throw Object.assign(new Error('no'), { name: 'Refused' });
    },
  }).run(
    {
      P: {
        Type: 'Parallel',
        Branches: [branch('T', { ...invokeStep() })],
        Catch: [
          {
            ErrorEquals: ['Refused'],
            Assign: { why: '{% $states.errorOutput.Error %}' },
            Output: '{% $states.input %}',
            Next: 'After',
          },
        ],
        Next: 'After',
      },
      After: { Type: 'Pass', Output: { why: '{% $why %}', input: '{% $states.input %}' }, End: true },
    },
    { a: 1 },
  );
  expect(output).toEqual({ why: 'Refused', input: { a: 1 } });
});

test('the whole machine’s TimeoutSeconds ends it as TIMED_OUT, without an error of its own', async () => {
  const { status, error, seconds, events } = await lab().run(
    { A: { Type: 'Wait', Seconds: 900, End: true } },
    {},
    { TimeoutSeconds: 60 },
  );
  expect([status, error, seconds]).toEqual(['TIMED_OUT', undefined, 60]);
  expect(events.at(-1)).toMatchObject({ type: 'ExecutionTimedOut', previousEventId: 0 });
});

test('the context tells execution, state and state machine', async () => {
  const { arn, output } = await lab().run(
    { A: { Type: 'Wait', Seconds: 3, Next: 'B' }, B: { Type: 'Pass', Output: '{% $states.context %}', End: true } },
    { a: 1 },
  );
  expect(output).toEqual({
    Execution: {
      Id: arn,
      Input: { a: 1 },
      Name: arn.split(':').at(-1),
      RoleArn: 'arn:aws:iam::123456789012:role/machine',
      StartTime: '2026-01-05T09:00:00.000Z',
      RedriveCount: 0,
    },
    State: { EnteredTime: '2026-01-05T09:00:03.000Z', Name: 'B', RetryCount: 0 },
    StateMachine: { Id: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine', Name: 'machine' },
  });
});
