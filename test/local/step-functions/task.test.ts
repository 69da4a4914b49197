import { expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { askPerson, FUNCTION, HandlerError, invokeStep, lab, roleArn, types, until } from './lab.ts';

test('a function’s payload comes with what AWS says beside it', async () => {
  const { output, events } = await lab({ handler: ({ n }: { n: number }) => n * 2 }).run(
    { A: invokeStep({ Output: '{% $states.result %}' }) },
    { n: 21 },
  );
  expect(output).toMatchObject({
    ExecutedVersion: '$LATEST',
    Payload: 42,
    StatusCode: 200,
    SdkHttpMetadata: { HttpStatusCode: 200 },
  });
  expect(types(events)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events[2]?.taskScheduledEventDetails).toEqual({
    resourceType: 'lambda',
    resource: 'invoke',
    region: 'eu-central-1',
    parameters: JSON.stringify({ FunctionName: FUNCTION, Payload: { n: 21 } }),
  });
});

test('a function is invoked by the name given, as the state machine’s role', async () => {
  const seen: unknown[] = [];
  const { run } = lab({ handler: (payload, functionArn, role) => seen.push([payload, functionArn, role]) });
  await run({ A: invokeStep({ Arguments: { FunctionName: `${FUNCTION}:live` } }) });
  expect(seen).toEqual([[{}, `${FUNCTION}:live`, roleArn]]);
});

test('a function’s error fails the execution with its type and its document', async () => {
  const { status, error, cause, events } = await lab({
    handler: () => {
      throw new HandlerError('LockHeld', 'another run has it');
    },
  }).run({ A: invokeStep() });
  expect([status, error]).toEqual(['FAILED', 'LockHeld']);
  expect(JSON.parse(cause as string)).toEqual({ errorType: 'LockHeld', errorMessage: 'another run has it', trace: [] });
  expect(types(events).slice(-2)).toEqual(['TaskFailed', 'ExecutionFailed']);
});

test('virtual time stands still while a function works', async () => {
  const handler = () => new Promise((resolve) => setTimeout(resolve, 20));
  const { seconds } = await lab({ handler }).run({
    P: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Work',
          States: {
            Work: invokeStep({ Output: 'worked', End: undefined, Next: 'Bad' }),
            Bad: { Type: 'Fail', Error: 'E' },
          },
        },
        { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 900, End: true } } },
      ],
      End: true,
    },
  });
  expect(seconds).toBe(0);
});

/** A clock on which a function takes time, so that one can take too long. */
const idleClock = () => ({ ...virtualClock(), busy: <T>(work: Promise<T>) => work });

test('a function that takes longer than TimeoutSeconds is States.Timeout, found by no other wildcard than States.ALL', async () => {
  const { output, seconds, events } = await lab({ clock: idleClock(), handler: () => new Promise(() => {}) }).run(
    {
      A: invokeStep({
        TimeoutSeconds: '{% $states.input.limit %}',
        Catch: [
          { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
          { ErrorEquals: ['States.ALL'], Next: 'B' },
        ],
        End: undefined,
        Next: 'B',
      }),
      B: { Type: 'Pass', End: true },
      Wrong: { Type: 'Fail' },
    },
    { limit: 30 },
  );
  expect([output, seconds]).toEqual([{ Error: 'States.Timeout', Cause: '' }, 30]);
  expect(events.find(({ type }) => type === 'TaskTimedOut')?.taskTimedOutEventDetails).toEqual({
    resourceType: 'lambda',
    resource: 'invoke',
    error: 'States.Timeout',
  });
});

test.each([['soon'], [0], [1.5]])('TimeoutSeconds must not come to %s', async (limit) => {
  const { error } = await lab().run({ A: invokeStep({ TimeoutSeconds: '{% $states.input.limit %}' }) }, { limit });
  expect(error).toBe('States.QueryEvaluationError');
});

const child = {
  StartAt: 'C',
  States: {
    C: { Type: 'Wait', Seconds: 60, Next: 'D' },
    D: { Type: 'Pass', Output: { got: '{% $states.input %}' }, End: true },
  },
};
const CHILD = 'arn:aws:states:eu-central-1:123456789012:stateMachine:child';

const startChild = (suffix: string, more = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::states:startExecution${suffix}`,
  Arguments: { StateMachineArn: CHILD, Input: { a: 1 } },
  End: true,
  ...more,
});

test('startExecution.sync:2 waits for the other execution and gives its output as JSON', async () => {
  const { sfn, run } = lab();
  sfn.createStateMachine({
    name: 'child',
    roleArn: 'r',
    definition: JSON.stringify({ QueryLanguage: 'JSONata', ...child }),
  });
  const { output, seconds, events } = await run({ A: startChild('.sync:2') });
  expect(output).toMatchObject({
    Status: 'SUCCEEDED',
    Output: { got: { a: 1 } },
    Input: { a: 1 },
    StateMachineArn: CHILD,
  });
  expect(seconds).toBe(60);
  expect(types(events)).toContain('TaskSubmitted');
});

test('startExecution.sync:2 fails as States.TaskFailed when the other execution fails or times out', async () => {
  const { sfn, run } = lab();
  const timingOut = { QueryLanguage: 'JSONata', TimeoutSeconds: 5, ...child };
  sfn.createStateMachine({ name: 'child', roleArn: 'r', definition: JSON.stringify(timingOut) });
  const { error, cause } = await run({ A: startChild('.sync:2') });
  expect(error).toBe('States.TaskFailed');
  expect(JSON.parse(cause as string)).toMatchObject({ Status: 'TIMED_OUT' });
});

test('startExecution goes on at once; a name that is taken is StepFunctions.ExecutionAlreadyExistsException', async () => {
  const { sfn, run, clock } = lab();
  sfn.createStateMachine({
    name: 'child',
    roleArn: 'r',
    definition: JSON.stringify({ QueryLanguage: 'JSONata', ...child }),
  });
  const Arguments = { StateMachineArn: CHILD, Name: 'once', Input: '{% $states.input %}' };
  expect(await run({ A: startChild('', { Arguments }) }, { n: 1 })).toMatchObject({ status: 'SUCCEEDED', seconds: 0 });
  await clock.sleep(100_000);
  const again = await run({ A: startChild('', { Arguments }) }, { n: 1 });
  expect(again.error).toBe('StepFunctions.ExecutionAlreadyExistsException');
});

test('stopping an execution stops the one it waits for', async () => {
  const { sfn, start, call, ended } = lab();
  const forever = { StartAt: 'T', States: { T: askPerson() } };
  sfn.createStateMachine({
    name: 'child',
    roleArn: 'r',
    definition: JSON.stringify({ QueryLanguage: 'JSONata', ...forever }),
  });
  const parent = await start({ StartAt: 'A', States: { A: startChild('.sync:2') } });
  const children = async () =>
    (await call('ListExecutions', { stateMachineArn: CHILD })).executions as { executionArn: string }[];
  await until(async () => (await children()).length === 1);
  await call('StopExecution', { executionArn: parent, error: 'Enough', cause: 'no more' });
  expect(await ended(parent)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'no more' });
  const [{ executionArn }] = (await children()) as [{ executionArn: string }];
  expect((await ended(executionArn)).status).toBe('ABORTED');
});

test('closing aborts whatever runs', async () => {
  const { sfn, start, ended } = lab();
  const arn = await start({ StartAt: 'T', States: { T: askPerson() } });
  await sfn.close();
  expect((await ended(arn)).status).toBe('ABORTED');
});
