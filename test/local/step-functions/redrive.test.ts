import { DescribeExecutionCommand, RedriveExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { clientOf, listening } from '../cloud-harness.ts';
import { askPerson, HandlerError, invokeStep, lab, types, until } from './lab.ts';

/** Calls fail for what is in `bad`; all are remembered. */
const broken = (...bad: unknown[]) => {
  const calls: unknown[] = [];
  const failing = new Set(bad);
  const handler = (payload: never) => {
    calls.push(payload);
    if (failing.has(payload)) throw new HandlerError('Bad', String(payload));
    return `${payload}!`;
  };
  return { calls, handler, mend: () => failing.clear() };
};

const chain = {
  First: invokeStep({ Assign: { seen: '{% $states.input %}' }, Output: 'second', Next: 'Second', End: undefined }),
  Second: invokeStep({ Output: '{% $states.result.Payload & $seen %}' }),
};

describe('a redriven execution', () => {
  test('goes on with the state that failed, its input and the variables', async () => {
    const { calls, handler, mend } = broken('second');
    const { run, call, ended, events, sfn } = lab({ handler });
    const { arn, status } = await run(chain, 'first');
    expect(status).toBe('FAILED');
    mend();
    const before = sfn.transitions(arn);
    const { redriveDate } = await call('RedriveExecution', { executionArn: arn });
    expect(await ended(arn)).toMatchObject({ status: 'SUCCEEDED', output: 'second!first', error: undefined });
    expect(calls).toEqual(['first', 'second', 'second']);
    expect(sfn.transitions(arn) - before).toBe(1);
    expect(await call('DescribeExecution', { executionArn: arn })).toMatchObject({
      ...{ redriveCount: 1, redriveDate, redriveStatus: 'NOT_REDRIVABLE' },
    });
    const all = await events(arn);
    const from = all.findIndex(({ type }) => type === 'ExecutionRedriven');
    expect(all[from]).toMatchObject({ previousEventId: from, executionRedrivenEventDetails: { redriveCount: 1 } });
    expect(types(all).slice(from - 1)).toEqual([
      ...['ExecutionFailed', 'ExecutionRedriven', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
      'ExecutionSucceeded',
    ]);
  });

  test('fails again where it ended in a Fail state', async () => {
    const { run, call, ended } = lab();
    const { arn } = await run({ P: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'Never' } });
    for (const redriveCount of [1, 2]) {
      await call('RedriveExecution', { executionArn: arn });
      expect(await ended(arn)).toMatchObject({ status: 'FAILED', error: 'Never' });
      expect(await call('DescribeExecution', { executionArn: arn })).toMatchObject({ redriveCount });
    }
  });

  test('retries anew and has all its time anew', async () => {
    const { calls, handler } = broken('first');
    const { run, call, ended } = lab({ handler });
    const Retry = [{ ErrorEquals: ['Bad'], MaxAttempts: 1 }];
    const { arn } = await run({ First: invokeStep({ Retry }) }, 'first');
    await call('RedriveExecution', { executionArn: arn });
    await ended(arn);
    expect(calls).toHaveLength(4);

    const waiting = await run(
      { W: { Type: 'Wait', Seconds: 50, Next: 'V' }, V: { Type: 'Wait', Seconds: 50, End: true } },
      {},
      { TimeoutSeconds: 60 },
    );
    expect(waiting.status).toBe('TIMED_OUT');
    await call('RedriveExecution', { executionArn: waiting.arn });
    expect(await ended(waiting.arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('asks again, under a new token, what it was stopped in waiting for', async () => {
    const tokens: string[] = [];
    const { start, call, ended } = lab({ handler: ({ token }: { token: string }) => tokens.push(token) });
    const executionArn = await start({ StartAt: 'Ask', States: { Ask: askPerson() } });
    await until(() => tokens.length === 1);
    await call('StopExecution', { executionArn });
    await call('RedriveExecution', { executionArn, clientToken: 'once' });
    await call('RedriveExecution', { executionArn, clientToken: 'once' });
    await until(() => tokens.length === 2);
    await expect(call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toThrow();
    await call('SendTaskSuccess', { taskToken: tokens[1], output: '"yes"' });
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 'yes' });
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ redriveCount: 1 });
  });
});

describe('within a state, a redriven execution does again only', () => {
  test('the branches that failed or were aborted, each where it stopped', async () => {
    const { calls, handler, mend } = broken('b2');
    const { run, call, ended } = lab({ handler });
    const branch = (name: string, wait = 0) => ({
      StartAt: `${name}One`,
      States: {
        [`${name}One`]: invokeStep({
          ...{ Output: `${name}2`, Arguments: given(`${name}1`), Assign: { mine: name } },
          ...{ Next: `${name}Wait`, End: undefined },
        }),
        [`${name}Wait`]: { Type: 'Wait', Seconds: wait, Next: `${name}Two` },
        [`${name}Two`]: invokeStep({ Output: '{% $states.result.Payload & $mine %}' }),
      },
    });
    const given = (Payload: string) => ({ FunctionName: 'step', Payload });
    const { arn, error } = await run({
      P: { Type: 'Parallel', Branches: [branch('a'), branch('b', 1), branch('c', 2)], End: true },
    });
    expect(error).toBe('Bad');
    mend();
    await call('RedriveExecution', { executionArn: arn });
    expect(await ended(arn)).toMatchObject({ status: 'SUCCEEDED', output: ['a2!a', 'b2!b', 'c2!c'] });
    expect(calls.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2', 'b2', 'c1', 'c2']);
  });

  test('the iterations of an inline map that have not succeeded', async () => {
    const { calls, handler, mend } = broken(2);
    const { run, call, ended } = lab({ handler });
    const { arn } = await run(
      {
        M: {
          ...{ Type: 'Map', Items: '{% $states.input %}', MaxConcurrency: 1, End: true },
          ItemProcessor: { StartAt: 'T', States: { T: invokeStep() } },
        },
      },
      [1, 2, 3],
    );
    mend();
    await call('RedriveExecution', { executionArn: arn });
    expect(await ended(arn)).toMatchObject({ output: ['1!', '2!', '3!'] });
    expect(calls).toEqual([1, 2, 2, 3]);
  });
});

describe('the run of a distributed map', () => {
  const map = (ExecutionType: string, fields: object = {}) => ({
    M: {
      ...{ Type: 'Map', Items: '{% $states.input %}', Label: 'wave', MaxConcurrency: 1, End: true, ...fields },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
        StartAt: 'Before',
        States: {
          Before: { Type: 'Pass', Next: 'T' },
          T: invokeStep(),
        },
      },
    },
  });

  test.each(['STANDARD', 'EXPRESS'])(
    'is the same one, and only %s children without success run again',
    async (type) => {
      const { calls, handler, mend } = broken(2, 3);
      const { run, call, ended, events } = lab({ handler });
      const { arn, error } = await run(map(type, { ToleratedFailureCount: 1 }), [1, 2, 3, 4]);
      expect(error).toBe('States.ExceedToleratedFailureThreshold');
      mend();
      await call('RedriveExecution', { executionArn: arn });
      expect(await ended(arn)).toMatchObject({ output: ['1!', '2!', '3!', '4!'] });
      expect(calls).toEqual([1, 2, 3, 2, 3, 4]);
      const { mapRuns } = (await call('ListMapRuns', { executionArn: arn })) as { mapRuns: { mapRunArn: string }[] };
      expect(mapRuns).toHaveLength(1);
      expect(await call('DescribeMapRun', mapRuns[0]!)).toMatchObject({
        ...{ status: 'SUCCEEDED', redriveCount: 1, redriveDate: expect.any(Number) },
        executionCounts: { succeeded: 4, failed: 0, pendingRedrive: 0, total: 4 },
      });
      expect(types(await events(arn))).toContain('MapRunRedriven');
    },
  );

  test('tells of a child that succeeded in the end when and how often it was redriven', async () => {
    const { handler, mend } = broken(2);
    const { run, call, ended, events } = lab({ handler });
    const { arn } = await run(map('STANDARD', {}), [1, 2]);
    mend();
    await call('RedriveExecution', { executionArn: arn });
    await ended(arn);
    const { mapRuns } = (await call('ListMapRuns', { executionArn: arn })) as { mapRuns: { mapRunArn: string }[] };
    const { mapRunArn } = mapRuns[0]!;
    const { executions } = (await call('ListExecutions', { mapRunArn })) as { executions: { executionArn: string }[] };
    const [second, first] = await Promise.all(
      executions.map(({ executionArn }) => call('DescribeExecution', { executionArn })),
    );
    expect(first).toMatchObject({ status: 'SUCCEEDED', input: '1', redriveCount: 0 });
    expect(second).toMatchObject({
      ...{ status: 'SUCCEEDED', input: '2', output: '"2!"', redriveCount: 1, redriveDate: expect.any(Number) },
      redriveStatus: 'NOT_REDRIVABLE',
    });
    const [{ executionArn }] = executions as [{ executionArn: string }];
    expect(types(await events(executionArn))).toContain('ExecutionRedriven');
    await expect(call('RedriveExecution', { executionArn })).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
  });

  test('shows its children as waiting for their turn, and aborts them with the execution', async () => {
    const tokens: string[] = [];
    const { start, call, ended } = lab({ handler: ({ token }: { token: string }) => tokens.push(token) });
    const asking = {
      M: {
        ...{ Type: 'Map', Items: [1, 2, 3], Label: 'wave', End: true, ToleratedFailureCount: 2 },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          ...{ StartAt: 'Ask', States: { Ask: askPerson() } },
        },
      },
    };
    const executionArn = await start({ StartAt: 'M', States: asking });
    await until(() => tokens.length === 3);
    const { mapRuns } = (await call('ListMapRuns', { executionArn })) as { mapRuns: { mapRunArn: string }[] };
    await call('UpdateMapRun', { ...mapRuns[0], maxConcurrency: 1 });
    const counts = async () => (await call('DescribeMapRun', mapRuns[0]!)).executionCounts;
    await call('StopExecution', { executionArn });
    await until(async () => (await call('DescribeMapRun', mapRuns[0]!)).status === 'ABORTED');
    await call('RedriveExecution', { executionArn });
    await until(() => tokens.length === 4);
    expect(await counts()).toMatchObject({ running: 1, pendingRedrive: 2 });
    await call('StopExecution', { executionArn });
    expect(await ended(executionArn)).toMatchObject({ status: 'ABORTED' });
    await until(async () => (await call('DescribeMapRun', mapRuns[0]!)).status === 'ABORTED');
    expect(await counts()).toMatchObject({ aborted: 3, running: 0, pendingRedrive: 0 });
    const children = (await call('ListExecutions', { mapRunArn: mapRuns[0]!.mapRunArn })).executions as {
      executionArn: string;
    }[];
    await expect(call('RedriveExecution', { executionArn: children[0]!.executionArn })).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
    });
    expect(await call('DescribeExecution', { executionArn: children[0]!.executionArn })).toMatchObject({
      redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
    });
  });
});

test('is refused for what runs, has succeeded or lies fourteen days back, and told to the SDK by name', async () => {
  const { run, start, call, clock, sfn } = lab();
  const client = new SFNClient(clientOf((await listening({ states: sfn.service })).endpoint));
  const redrive = (executionArn: string) => client.send(new RedriveExecutionCommand({ executionArn }));
  const refused = { name: 'ExecutionNotRedrivable', $metadata: { httpStatusCode: 400 } };
  await expect(redrive((await run({ P: { Type: 'Succeed' } })).arn)).rejects.toMatchObject(refused);
  const running = await start({ StartAt: 'W', States: { W: askPerson() } });
  await expect(redrive(running)).rejects.toMatchObject(refused);
  await call('StopExecution', { executionArn: running });
  const { arn } = await run({ F: { Type: 'Fail' } });
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn: arn }));
  expect(await describe()).toMatchObject({ redriveStatus: 'REDRIVABLE', redriveCount: 0 });
  expect((await redrive(arn)).redriveDate).toEqual(clock.now());
  await until(async () => (await describe()).status === 'FAILED');
  await clock.sleep(15 * 24 * 60 * 60 * 1000);
  expect(await describe()).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', redriveCount: 1 });
  await expect(redrive(arn)).rejects.toMatchObject(refused);
});
