import { expect, test } from 'vitest';
import { type Clock, virtualClock } from '../../../lib/local/clock.ts';
import { askPerson, HandlerError, lab, types, until } from './lab.ts';

/** A machine that asks a person, and the tokens the person was sent. */
const asking = async (fields: object = {}, states: Record<string, object> = {}) => {
  const tokens: string[] = [];
  const it = lab({ handler: ({ token }: { token: string }) => tokens.push(token) });
  const arn = await it.start({ StartAt: 'Ask', States: { Ask: askPerson(fields as never), ...states } });
  await until(async () => types(await it.events(arn)).includes('TaskSubmitted'));
  return { ...it, arn, tokens, token: tokens[0]! };
};

test('a task with a token ends with the answer’s output, whatever the function returned', async () => {
  const { call, ended, arn, token, events } = await asking();
  await call('SendTaskSuccess', { taskToken: token, output: '{"decision":"approved"}' });
  expect(await ended(arn)).toMatchObject({ status: 'SUCCEEDED', output: { decision: 'approved' } });
  expect(types(await events(arn))).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

test('how long an answer is waited for can come out of the state', async () => {
  const { start, ended } = lab({ handler: () => null });
  const TimeoutSeconds = '{% $states.input.expirySeconds %}';
  const input = { expirySeconds: 86_400 };
  const arn = await start({ StartAt: 'Ask', States: { Ask: askPerson({ TimeoutSeconds }) } }, input);
  expect(await ended(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout', seconds: 86_400 });
});

test('a task waiting for its answer lets time pass, and a person holding the clock stops it', async () => {
  const { call, ended, arn, token, clock } = await asking({ TimeoutSeconds: 3600 });
  await clock.busy(call('SendTaskSuccess', { taskToken: token, output: '1' }));
  expect((await ended(arn)).seconds).toBe(0);
});

test('a refusal fails the task with the error and cause given', async () => {
  const { call, ended, arn, token } = await asking();
  await call('SendTaskFailure', { taskToken: token, error: 'Rejected', cause: 'not today' });
  expect(await ended(arn)).toMatchObject({ status: 'FAILED', error: 'Rejected', cause: 'not today' });
});

test('a refusal without a name is caught by States.ALL, with nulls for what is missing', async () => {
  const { call, ended, arn, token } = await asking(
    { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: undefined, Next: 'B' },
    { B: { Type: 'Pass', End: true } },
  );
  await call('SendTaskFailure', { taskToken: token });
  expect((await ended(arn)).output).toEqual({ Error: null, Cause: null });
});

test('a second answer to a token is TaskTimedOut and changes nothing', async () => {
  const { call, ended, arn, token } = await asking();
  await call('SendTaskSuccess', { taskToken: token, output: '"first"' });
  for (const [action, more] of [
    ['SendTaskSuccess', { output: '"second"' }],
    ['SendTaskFailure', {}],
    ['SendTaskHeartbeat', {}],
  ] as const)
    await expect(call(action, { taskToken: token, ...more })).rejects.toMatchObject({ name: 'TaskTimedOut' });
  expect((await ended(arn)).output).toBe('first');
});

test('an invented token is InvalidToken, one of another cloud TaskDoesNotExist, and output that is not JSON InvalidOutput', async () => {
  const { call, token } = await asking();
  const other = await asking();
  await expect(call('SendTaskSuccess', { taskToken: 'made-up', output: '1' })).rejects.toMatchObject({
    name: 'InvalidToken',
  });
  await expect(call('SendTaskSuccess', { taskToken: other.token, output: '1' })).rejects.toMatchObject({
    name: 'TaskDoesNotExist',
  });
  await expect(call('SendTaskSuccess', { taskToken: token, output: 'yes' })).rejects.toMatchObject({
    name: 'InvalidOutput',
  });
  await call('SendTaskSuccess', { taskToken: token, output: '1' });
});

test('a token is too long to guess and short enough for AWS', async () => {
  const { token } = await asking();
  expect(token.length).toBeGreaterThan(500);
  expect(token.length).toBeLessThanOrEqual(1024);
});

test('an unanswered task times out; its token is then closed', async () => {
  const { call, ended, arn, token, events } = await asking({ TimeoutSeconds: 86_400 });
  expect(await ended(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Timeout',
    cause: undefined,
    seconds: 86_400,
  });
  expect(types(await events(arn)).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  await expect(call('SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
    name: 'TaskTimedOut',
  });
});

test.each([['States.HeartbeatTimeout'], ['States.Timeout']])('a missed heartbeat is caught as %s', async (name) => {
  const { ended, arn } = await asking(
    {
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 60,
      Catch: [{ ErrorEquals: [name], Next: 'B' }],
      End: undefined,
      Next: 'B',
    },
    { B: { Type: 'Pass', End: true } },
  );
  expect(await ended(arn)).toMatchObject({ output: { Error: 'States.Timeout', Cause: '' }, seconds: 60 });
});

test('a heartbeat in time prolongs the wait, but not beyond the timeout', async () => {
  const { call, ended, arn, token, clock } = await asking({ TimeoutSeconds: 150, HeartbeatSeconds: 60 });
  const beat = async () => {
    for (let n = 0; n < 3; n += 1) {
      await clock.sleep(40_000);
      await call('SendTaskHeartbeat', { taskToken: token });
    }
  };
  await beat();
  expect((await ended(arn)).seconds).toBe(150);
});

test('each attempt has a token of its own', async () => {
  const { call, ended, arn, tokens } = await asking({
    TimeoutSeconds: 60,
    Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }],
  });
  await until(() => tokens.length === 2);
  await expect(call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject({
    name: 'TaskTimedOut',
  });
  await call('SendTaskSuccess', { taskToken: tokens[1], output: '"second"' });
  expect((await ended(arn)).output).toBe('second');
});

test('an answer that comes before the function has returned counts', async () => {
  const it = lab({
    handler: async ({ token }: { token: string }) => {
      await it.call('SendTaskSuccess', { taskToken: token, output: '"at once"' });
      throw new HandlerError('TooLate');
    },
  });
  expect((await it.run({ Ask: askPerson() })).output).toBe('at once');
});

test('a function that fails before anybody answers fails the task', async () => {
  const { run } = lab({
    handler: () => {
      throw new HandlerError('MailRefused');
    },
  });
  expect(await run({ Ask: askPerson() })).toMatchObject({ status: 'FAILED', error: 'MailRefused' });
});

test('waiting for an answer is waiting for somebody outside, and ends with the answer', async () => {
  const clock = virtualClock();
  let waiting = 0;
  const watched: Clock = {
    ...clock,
    outside: async (wait) => {
      waiting += 1;
      return wait.finally(() => {
        waiting -= 1;
      });
    },
  };
  const tokens: string[] = [];
  const { start, ended, call } = lab({ clock: watched, handler: ({ token }: { token: string }) => tokens.push(token) });
  const arn = await start({ StartAt: 'Ask', States: { Ask: askPerson() } });
  await until(() => tokens.length === 1);
  expect(waiting).toBe(1);
  await call('SendTaskSuccess', { taskToken: tokens[0], output: '1' });
  await ended(arn);
  expect(waiting).toBe(0);
});
