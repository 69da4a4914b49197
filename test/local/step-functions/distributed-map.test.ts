import { expect, test } from 'vitest';
import { askPerson, HandlerError, invokeStep, lab, types, until } from './lab.ts';

const map = (states: Record<string, object>, fields: object = {}, ExecutionType = 'STANDARD') => ({
  M: {
    Type: 'Map',
    Items: '{% $states.input %}',
    Label: 'wave',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
      StartAt: Object.keys(states)[0],
      States: states,
    },
    End: true,
    ...fields,
  },
});
const pass = { P: { Type: 'Pass', Output: '{% $states.input * 10 %}', End: true } };

/** Fails for negative numbers. */
const handler = (n: number) => {
  if (n < 0) throw new HandlerError('Bad', `${n}`);
  return n * 10;
};

test('every item is an execution of its own, with its own ARN, name, input and history', async () => {
  const { run, call, events } = lab();
  const it = await run(map(pass) as never, [1, 2, 3]);
  expect(it.output).toEqual([10, 20, 30]);
  expect(types(it.events)).toEqual([
    'ExecutionStarted',
    'MapStateEntered',
    'MapStateStarted',
    'MapRunStarted',
    'MapRunSucceeded',
    'MapStateSucceeded',
    'MapStateExited',
    'ExecutionSucceeded',
  ]);
  const { mapRuns } = (await call('ListMapRuns', { executionArn: it.arn })) as { mapRuns: { mapRunArn: string }[] };
  const { mapRunArn } = mapRuns[0]!;
  expect(mapRunArn).toMatch(/^arn:aws:states:eu-central-1:123456789012:mapRun:machine\/wave:[0-9a-f-]{36}$/);
  const { executions } = (await call('ListExecutions', { mapRunArn })) as { executions: { executionArn: string }[] };
  expect(executions).toHaveLength(3);
  const { executionArn } = executions[0]!;
  expect(executionArn).toMatch(/^arn:aws:states:eu-central-1:123456789012:execution:machine\/wave:[0-9a-f-]{36}$/);
  expect(await call('DescribeExecution', { executionArn })).toMatchObject({
    input: '3',
    output: '30',
    mapRunArn,
    stateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine/wave',
  });
  expect(types(await events(executionArn))).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'ExecutionSucceeded',
  ]);
  expect(
    (
      (
        await call('ListExecutions', {
          stateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine',
        })
      ).executions as []
    ).length,
  ).toBe(1);
});

test('the transitions of standard children count, those of express ones do not', async () => {
  const { sfn, run } = lab();
  expect(sfn.transitions((await run(map(pass) as never, [1, 2, 3])).arn)).toBe(1 + 3);
  expect(sfn.transitions((await run(map(pass, {}, 'EXPRESS') as never, [1, 2, 3])).arn)).toBe(1);
});

test('without a tolerance one failed item fails the map', async () => {
  const { error, cause, events } = await lab({ handler }).run(map({ T: invokeStep() }) as never, [1, -2, 3]);
  expect([error, cause]).toEqual([
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  ]);
  expect(types(events).slice(-3)).toEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
});

test.each([
  ['ToleratedFailureCount', 2, 'SUCCEEDED'],
  ['ToleratedFailureCount', 1, 'FAILED'],
  ['ToleratedFailureCount', '{% $count($states.input[$ < 0]) %}', 'SUCCEEDED'],
  ['ToleratedFailurePercentage', 50, 'SUCCEEDED'],
  ['ToleratedFailurePercentage', 49.9, 'FAILED'],
  ['ToleratedFailurePercentage', '{% 100 %}', 'SUCCEEDED'],
])('with %s %s, two failures of four: %s', async (field, tolerance, expected) => {
  const { status } = await lab({ handler }).run(
    map({ T: invokeStep() }, { [field]: tolerance }) as never,
    [-1, -2, 3, 4],
  );
  expect(status).toBe(expected);
});

test('a tolerated failure stands in the result as that execution’s description', async () => {
  const { output } = await lab({ handler }).run(
    map({ T: invokeStep() }, { ToleratedFailureCount: 1 }) as never,
    [1, -2],
  );
  expect(output).toEqual([
    10,
    expect.objectContaining({ Status: 'FAILED', Error: 'Bad', Input: '-2', Name: expect.any(String) }),
  ]);
});

test('beyond the tolerance nothing more is started and what runs is stopped', async () => {
  const states = {
    Q: { Type: 'Choice', Choices: [{ Condition: '{% $states.input < 0 %}', Next: 'Bad' }], Default: 'W' },
    Bad: { Type: 'Fail', Error: 'Bad' },
    W: { Type: 'Wait', Seconds: 500, End: true },
  };
  const { run, call } = lab();
  const { arn, error, seconds } = await run(map(states, { MaxConcurrency: 2 }) as never, [1, -2, 3, 4]);
  expect([error, seconds]).toEqual(['States.ExceedToleratedFailureThreshold', 0]);
  const { mapRuns } = (await call('ListMapRuns', { executionArn: arn })) as { mapRuns: { mapRunArn: string }[] };
  expect(await call('DescribeMapRun', mapRuns[0]!)).toMatchObject({
    status: 'FAILED',
    maxConcurrency: 2,
    itemCounts: { total: 4, failed: 1, aborted: 1, pending: 2, running: 0, succeeded: 0 },
  });
});

test('MaxConcurrency bounds how many run at once', async () => {
  const wait = { W: { Type: 'Wait', Seconds: 10, End: true } };
  expect((await lab().run(map(wait, { MaxConcurrency: 2 }) as never, [1, 2, 3, 4, 5])).seconds).toBe(30);
  expect((await lab().run(map(wait) as never, Array(100).fill(1))).seconds).toBe(10);
});

test('UpdateMapRun changes concurrency and tolerance while the map runs, and not afterwards', async () => {
  const tokens: string[] = [];
  const { start, call, ended } = lab({ handler: ({ token }: { token: string }) => tokens.push(token) });
  const arn = await start({ StartAt: 'M', States: map({ Ask: askPerson() }, { MaxConcurrency: 1 }) }, [1, 2, 3]);
  await until(() => tokens.length === 1);
  const { mapRuns } = (await call('ListMapRuns', { executionArn: arn })) as { mapRuns: { mapRunArn: string }[] };
  const { mapRunArn } = mapRuns[0]!;
  await call('UpdateMapRun', { mapRunArn, maxConcurrency: 3, toleratedFailureCount: 2 });
  await until(() => tokens.length === 3);
  await call('SendTaskFailure', { taskToken: tokens[0], error: 'No' });
  await call('SendTaskFailure', { taskToken: tokens[1], error: 'No' });
  await call('SendTaskSuccess', { taskToken: tokens[2], output: '"yes"' });
  expect((await ended(arn)).status).toBe('SUCCEEDED');
  await expect(call('UpdateMapRun', { mapRunArn, maxConcurrency: 1 })).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('stopping the parent stops its children and its map run', async () => {
  const { start, call, ended } = lab({ handler: () => 'asked' });
  const arn = await start({ StartAt: 'M', States: map({ Ask: askPerson() }) }, [1, 2]);
  const runs = async () => (await call('ListMapRuns', { executionArn: arn })).mapRuns as { mapRunArn: string }[];
  const counts = async () =>
    ((await call('DescribeMapRun', (await runs())[0]!)) as { executionCounts: object }).executionCounts;
  await until(async () => (await runs()).length === 1);
  expect(await counts()).toMatchObject({ running: 2 });
  await call('StopExecution', { executionArn: arn });
  expect((await ended(arn)).status).toBe('ABORTED');
  await until(async () => (await call('DescribeMapRun', (await runs())[0]!)).status === 'ABORTED');
  expect(await counts()).toMatchObject({ running: 0, aborted: 2 });
});

test('a retry of the map is a new map run of all items', async () => {
  let calls = 0;
  const { run, call } = lab({
    handler: () => {
      calls += 1;
      if (calls === 1) throw new HandlerError('Busy');
      return calls;
    },
  });
  const Retry = [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'] }];
  const { arn, output } = await run(map({ T: invokeStep() }, { Retry, MaxConcurrency: 1 }) as never, ['a', 'b']);
  expect(output).toEqual([2, 3]);
  expect((await call('ListMapRuns', { executionArn: arn })).mapRuns).toHaveLength(2);
});

test('an express child ends after five minutes', async () => {
  const { error, seconds } = await lab().run(
    map({ W: { Type: 'Wait', Seconds: 301, End: true } }, {}, 'EXPRESS') as never,
    [1],
  );
  expect([error, seconds]).toEqual(['States.ExceedToleratedFailureThreshold', 300]);
});

test('$states.context of a child is that of its own execution', async () => {
  const { output } = await lab().run(
    map({ P: { Type: 'Pass', Output: '{% $states.context.Execution.Id %}', End: true } }) as never,
    [1],
  );
  expect(output[0]).toContain(':execution:machine/wave:');
});
