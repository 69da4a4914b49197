import { expect, test } from 'vitest';
import { invokeStep, lab, types } from './lab.ts';

const LIMIT = 262_144;
/** A string whose JSON has that many bytes. */
const text = (bytes: number) => 'a'.repeat(bytes - 2);

test('an output of 256 KiB passes, one byte more is States.DataLimitExceeded', async () => {
  const pad = { A: { Type: 'Pass', Output: "{% $pad('', $states.input, 'a') %}", End: true } };
  expect((await lab().run(pad, LIMIT - 2)).status).toBe('SUCCEEDED');
  const { error, cause, events } = await lab().run(pad, LIMIT - 1);
  expect([error, cause]).toEqual([
    'States.DataLimitExceeded',
    "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.",
  ]);
  expect(types(events)).toEqual(['ExecutionStarted', 'PassStateEntered', 'ExecutionFailed']);
});

test('bytes count, not characters', async () => {
  const { error } = await lab().run({ A: { Type: 'Pass', Output: "{% $pad('', 140000, 'ä') %}", End: true } });
  expect(error).toBe('States.DataLimitExceeded');
});

test('a task’s result that is too large fails the task; States.ALL does not catch it, its name does', async () => {
  const catching = (name: string) => ({
    A: invokeStep({ Output: 'small', Catch: [{ ErrorEquals: [name], Next: 'B' }], End: undefined, Next: 'B' }),
    B: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
  });
  const { run } = lab({ handler: () => text(LIMIT) });
  expect((await run(catching('States.ALL'))).error).toBe('States.DataLimitExceeded');
  const named = await run(catching('States.DataLimitExceeded'));
  expect(named.output).toBe('States.DataLimitExceeded');
  expect(types(named.events)).toContain('TaskFailed');
});

test('arguments that are too large are not sent', async () => {
  const { error } = await lab({ handler: () => 'small' }).run({
    A: invokeStep({ Arguments: { FunctionName: 'f', Payload: "{% $pad('', 262144, 'a') %}" } }),
  });
  expect(error).toBe('States.DataLimitExceeded');
});

test('an execution with 25,000 events fails with the last of them', async () => {
  const { run, call } = lab();
  const { arn, error, cause } = await run({
    Start: { Type: 'Pass', Assign: { n: 0 }, Next: 'Again' },
    Again: {
      Type: 'Choice',
      Choices: [{ Condition: true, Assign: { n: '{% $n + 1 %}' }, Next: 'Again' }],
      Default: 'End',
    },
    End: { Type: 'Succeed' },
  });
  expect([error, cause]).toEqual([
    'States.Runtime',
    'The execution reached the maximum number of history events (25000).',
  ]);
  const last = await call('GetExecutionHistory', { executionArn: arn, reverseOrder: true, maxResults: 1 });
  expect(last.events).toMatchObject([{ id: 25_000, type: 'ExecutionFailed' }]);
});
