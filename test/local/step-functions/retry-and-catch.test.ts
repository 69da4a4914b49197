import { expect, test } from 'vitest';
import type { Retrier } from '../../../lib/local/step-functions/asl.ts';
import { backoff, matches } from '../../../lib/local/step-functions/retry-and-catch.ts';
import { StateError } from '../../../lib/local/step-functions/state-error.ts';
import { HandlerError, invokeStep, lab, types } from './lab.ts';

/** A handler that fails with these errors in turn, then succeeds. */
const failing = (...errors: string[]) => {
  let calls = 0;
  return () => {
    const error = errors[calls++];
    if (error) throw new HandlerError(error);
    return calls;
  };
};

test('a failure is retried after IntervalSeconds, each time BackoffRate longer, until it succeeds', async () => {
  const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 3, BackoffRate: 2, MaxAttempts: 5 };
  const { output, seconds, events } = await lab({ handler: failing('Busy', 'Busy', 'Busy') }).run({
    A: invokeStep({ Retry: [retry] }),
  });
  expect([output, seconds]).toEqual([4, 3 + 6 + 12]);
  expect(types(events).filter((type) => type === 'TaskScheduled')).toHaveLength(4);
});

test('by default there are three retries, after one, two and four seconds', async () => {
  const { status, error, seconds } = await lab({ handler: failing(...Array(9).fill('Busy')) }).run({
    A: invokeStep({ Retry: [{ ErrorEquals: ['States.ALL'] }] }),
  });
  expect([status, error, seconds]).toEqual(['FAILED', 'Busy', 7]);
});

test('MaxDelaySeconds bounds the backoff', async () => {
  const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 3, MaxDelaySeconds: 5, MaxAttempts: 3 };
  const { seconds } = await lab({ handler: failing('Busy', 'Busy', 'Busy') }).run({
    A: invokeStep({ Retry: [retry] }),
  });
  expect(seconds).toBe(3 + 5 + 5);
});

test('full jitter draws from nothing up to the whole delay', async () => {
  const retrier: Retrier = { ErrorEquals: ['Busy'], IntervalSeconds: 8, JitterStrategy: 'FULL' };
  expect(backoff(retrier, 2, () => 0)).toBe(0);
  expect(backoff(retrier, 2, () => 0.75)).toBe(12);
  const { seconds } = await lab({ handler: failing('Busy') }).run({ A: invokeStep({ Retry: [retrier] }) });
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(seconds).toBeLessThan(8);
});

test('each retrier counts its own attempts over the whole stay in the state', async () => {
  const Retry = [
    { ErrorEquals: ['A', 'B'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
    { ErrorEquals: ['C'], IntervalSeconds: 5 },
  ];
  const { error, seconds } = await lab({ handler: failing('A', 'B', 'C', 'B') }).run({ X: invokeStep({ Retry }) });
  expect([error, seconds]).toEqual(['B', 1 + 2 + 5]);
});

test('MaxAttempts 0 exempts an error from a later States.ALL', async () => {
  const Retry = [{ ErrorEquals: ['Fatal'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
  expect(await lab({ handler: failing('Fatal') }).run({ A: invokeStep({ Retry }) })).toMatchObject({
    status: 'FAILED',
    seconds: 0,
  });
});

test('the context counts the retries', async () => {
  const { output } = await lab({ handler: failing('Busy', 'Busy') }).run({
    A: invokeStep({ Retry: [{ ErrorEquals: ['Busy'] }], Output: '{% $states.context.State.RetryCount %}' }),
  });
  expect(output).toBe(2);
});

test('a retry is a state transition', async () => {
  const { sfn, run } = lab({ handler: failing('Busy', 'Busy') });
  const { arn } = await run({
    A: invokeStep({ Retry: [{ ErrorEquals: ['Busy'] }], End: undefined, Next: 'B' }),
    B: { Type: 'Succeed' },
  });
  expect(sfn.transitions(arn)).toBe(4);
});

test('a caught error comes with Lambda’s error document as its Cause', async () => {
  const { output } = await lab({ handler: failing('Refused') }).run({
    A: invokeStep({ Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'B' }], End: undefined, Next: 'B' }),
    B: { Type: 'Pass', End: true },
  });
  expect(output).toEqual({
    Error: 'Refused',
    Cause: '{"errorType":"Refused","errorMessage":"it went wrong","trace":[]}',
  });
});

test('retries go before catchers, and the first catcher that matches wins', async () => {
  const { output, seconds } = await lab({ handler: failing('Busy', 'Busy') }).run({
    A: invokeStep({
      Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
      Catch: [
        { ErrorEquals: ['Other'], Next: 'Wrong' },
        { ErrorEquals: ['Busy'], Output: 'caught', Next: 'B' },
        { ErrorEquals: ['States.ALL'], Next: 'Wrong' },
      ],
      End: undefined,
      Next: 'B',
    }),
    B: { Type: 'Pass', End: true },
    Wrong: { Type: 'Fail' },
  });
  expect([output, seconds]).toEqual(['caught', 1]);
});

test('a task whose Output cannot be evaluated is retried and caught like one that failed', async () => {
  let calls = 0;
  const { output } = await lab({ handler: () => ++calls }).run({
    A: invokeStep({
      Output: '{% $states.result.Payload.missing %}',
      Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }],
      End: undefined,
      Next: 'B',
    }),
    B: { Type: 'Pass', Output: '{% $states.input.Cause %}', End: true },
  });
  expect(calls).toBe(3);
  expect(output).toContain(
    "The JSONata expression '$states.result.Payload.missing' specified for the field 'Output' returned nothing (undefined).",
  );
});

test.each([
  ['States.ALL', 'Anything', true],
  ['States.ALL', 'States.Timeout', true],
  ['States.ALL', 'States.QueryEvaluationError', true],
  ['States.ALL', undefined, true],
  ['States.ALL', 'States.DataLimitExceeded', false],
  ['States.ALL', 'States.Runtime', false],
  ['States.TaskFailed', 'Anything', true],
  ['States.TaskFailed', 'States.Timeout', false],
  ['States.TaskFailed', 'States.DataLimitExceeded', false],
  ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
  ['States.Runtime', 'States.Runtime', false],
  ['States.Timeout', 'States.HeartbeatTimeout', false],
  ['Anything', 'anything', false],
])('%s on the error %s: %s', (name, error, expected) => {
  expect(matches({ ErrorEquals: [name] }, new StateError(error))).toBe(expected);
});
