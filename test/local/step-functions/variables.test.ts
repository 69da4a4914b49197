import { expect, test } from 'vitest';
import { lab } from './lab.ts';

const end = { B: { Type: 'Pass', Output: { x: '{% $x %}' }, End: true } };

test('a variable is seen from the next state on, while its own state sees the value of entry', async () => {
  const { output } = await lab().run({
    A: { Type: 'Pass', Assign: { x: 3, a: 6 }, Next: 'Swap' },
    Swap: { Type: 'Pass', Assign: { x: '{% $a %}', next: '{% $x %}' }, Output: '{% $x %}', Next: 'Show' },
    Show: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}', '{% $next %}'], End: true },
  });
  expect(output).toEqual([3, 6, 3]);
});

test('a variable nobody assigned is a States.QueryEvaluationError', async () => {
  const { error, cause } = await lab().run(end as never);
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toContain("'$x' specified for the field 'Output/x' returned nothing");
});

test('inner scopes read outer variables; theirs are gone when they end', async () => {
  const branch = {
    StartAt: 'In',
    States: {
      In: { Type: 'Pass', Assign: { inner: '{% $x + 1 %}' }, Next: 'Out' },
      Out: { Type: 'Pass', Output: '{% $inner %}', End: true },
    },
  };
  const { error, cause, events } = await lab().run({
    A: { Type: 'Pass', Assign: { x: 1 }, Next: 'P' },
    P: { Type: 'Parallel', Branches: [branch], Next: 'After' },
    After: { Type: 'Pass', Output: '{% $inner %}', End: true },
  });
  expect(events.find(({ type }) => type === 'ParallelStateExited')?.stateExitedEventDetails).toMatchObject({
    output: '[2]',
  });
  expect([error, cause]).toEqual(['States.QueryEvaluationError', expect.stringContaining("the state 'After'")]);
});

test('the iterations of a map have variables of their own', async () => {
  const { output } = await lab().run({
    M: {
      Type: 'Map',
      Items: [1, 2, 3],
      ItemProcessor: {
        StartAt: 'Set',
        States: {
          Set: { Type: 'Pass', Assign: { mine: '{% $states.input %}' }, Next: 'W' },
          W: { Type: 'Wait', Seconds: '{% 10 - $mine %}', Next: 'Get' },
          Get: { Type: 'Pass', Output: '{% $mine %}', End: true },
        },
      },
      End: true,
    },
  });
  expect(output).toEqual([1, 2, 3]);
});

test('the executions of a distributed map do not see outer variables', async () => {
  const { status, error, output } = await lab().run({
    A: { Type: 'Pass', Assign: { x: 1 }, Next: 'M' },
    M: {
      Type: 'Map',
      Items: [1],
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'In',
        States: { In: { Type: 'Pass', Output: '{% $exists($x) %}', End: true } },
      },
      End: true,
    },
  });
  expect([status, error, output]).toEqual(['SUCCEEDED', undefined, [false]]);
});

test('variables of more than 256 KiB together cannot be assigned at once', async () => {
  const Assign = { a: "{% $pad('', 140000, 'a') %}", b: "{% $pad('', 140000, 'b') %}" };
  expect((await lab().run({ A: { Type: 'Pass', Assign, End: true } })).error).toBe('States.DataLimitExceeded');
  expect((await lab().run({ A: { Type: 'Pass', Assign: { a: Assign.a }, End: true } })).status).toBe('SUCCEEDED');
});

test('all variables of an execution together hold 10 MiB at most', async () => {
  const assigning = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `S${n}`,
        {
          Type: 'Pass',
          Assign: { [`v${n}`]: "{% $pad('', 260000, 'a') %}" },
          ...(n + 1 < count ? { Next: `S${n + 1}` } : { End: true }),
        },
      ]),
    );
  expect((await lab().run(assigning(40))).status).toBe('SUCCEEDED');
  expect((await lab().run(assigning(41))).error).toBe('States.DataLimitExceeded');
});
