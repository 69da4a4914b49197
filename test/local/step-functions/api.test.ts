import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askPerson, lab, roleArn, until } from './lab.ts';

const tokens: string[] = [];
const it = lab({ handler: ({ token }: { token: string }) => tokens.push(token) });
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const answer = await it.sfn.service({
    method: request.method!,
    path: request.url!,
    query: new URLSearchParams(),
    headers: request.headers,
    body: Buffer.concat(chunks),
    principal: 'arn:aws:iam::123456789012:root',
  });
  response.writeHead(answer.status, answer.headers).end(answer.body);
});
let client: SFNClient;
let passing: string;
let asking: string;

const define = (name: string, states: object) =>
  JSON.stringify({ Comment: name, QueryLanguage: 'JSONata', StartAt: 'A', States: states });

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new SFNClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  });
  passing = it.sfn.createStateMachine({
    name: 'passing',
    roleArn,
    definition: define('passing', { A: { Type: 'Pass', End: true } }),
  });
  asking = it.sfn.createStateMachine({ name: 'asking', roleArn, definition: define('asking', { A: askPerson() }) });
});
afterAll(async () => {
  client.destroy();
  await it.sfn.close();
  server.close();
});

const start = async (stateMachineArn: string, more: { name?: string; input?: string } = {}) =>
  (await client.send(new StartExecutionCommand({ stateMachineArn, ...more }))).executionArn!;
const ended = (executionArn: string) =>
  until(async () => (await client.send(new DescribeExecutionCommand({ executionArn }))).status !== 'RUNNING');

test('an execution is started, described and listed', async () => {
  const executionArn = await start(passing, { name: 'first', input: '{"a":1}' });
  expect(executionArn).toBe('arn:aws:states:eu-central-1:123456789012:execution:passing:first');
  await ended(executionArn);
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    name: 'first',
    stateMachineArn: passing,
    status: 'SUCCEEDED',
    input: '{"a":1}',
    output: '{"a":1}',
    startDate: expect.any(Date),
    stopDate: expect.any(Date),
    redriveStatus: 'NOT_REDRIVABLE',
  });
  const { executions } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: passing, statusFilter: 'SUCCEEDED' }),
  );
  expect(executions?.map(({ name }) => name)).toContain('first');
});

test('the history comes in pages, forwards or backwards, with data or without', async () => {
  const executionArn = await start(passing, { input: '"data"' });
  await ended(executionArn);
  const first = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 3 }));
  expect(first.events?.map(({ id }) => id)).toEqual([1, 2, 3]);
  const { events, nextToken } = await client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 3, nextToken: first.nextToken }),
  );
  expect([events?.map(({ type }) => type), nextToken]).toEqual([['ExecutionSucceeded'], undefined]);
  expect(events?.[0]?.timestamp).toBeInstanceOf(Date);
  const backwards = await client.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, includeExecutionData: false }),
  );
  expect(backwards.events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  expect(backwards.events?.[1]?.stateExitedEventDetails).toEqual({ name: 'A' });
  await expect(client.send(new GetExecutionHistoryCommand({ executionArn, nextToken: 'none' }))).rejects.toMatchObject({
    name: 'InvalidToken',
  });
});

test('the newest executions are listed first, page by page', async () => {
  for (const name of ['p1', 'p2', 'p3']) await ended(await start(passing, { name }));
  const page = await client.send(new ListExecutionsCommand({ stateMachineArn: passing, maxResults: 2 }));
  expect(page.executions?.map(({ name }) => name)).toEqual(['p3', 'p2']);
  await ended(await start(passing, { name: 'p4' }));
  const next = await client.send(
    new ListExecutionsCommand({ stateMachineArn: passing, maxResults: 1, nextToken: page.nextToken }),
  );
  expect(next.executions?.map(({ name }) => name)).toEqual(['p1']);
});

test('the same start again while it runs answers the same; another input or a closed one is ExecutionAlreadyExists', async () => {
  const again = { name: 'again', input: '{"a":1}' };
  const executionArn = await start(asking, again);
  expect(await start(asking, again)).toBe(executionArn);
  await expect(start(asking, { name: 'again', input: '{}' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  const taskToken = await tokenOf(executionArn);
  await client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }));
  await ended(executionArn);
  await expect(start(asking, again)).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
});

const tokenOf = async (executionArn: string): Promise<string> => {
  const scheduled = async () =>
    (await client.send(new GetExecutionHistoryCommand({ executionArn }))).events?.find(
      ({ type }) => type === 'TaskScheduled',
    );
  await until(async () => (await scheduled()) !== undefined);
  return JSON.parse((await scheduled())!.taskScheduledEventDetails!.parameters!).Payload.token;
};

test('a stopped execution is ABORTED with the error and cause given', async () => {
  const executionArn = await start(asking);
  expect(
    (await client.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'why' }))).stopDate,
  ).toBeInstanceOf(Date);
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'ABORTED',
    error: 'Enough',
    cause: 'why',
  });
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
  expect(events?.[0]).toMatchObject({
    type: 'ExecutionAborted',
    executionAbortedEventDetails: { error: 'Enough', cause: 'why' },
  });
});

test('a new revision leaves running executions theirs', async () => {
  const name = 'changing';
  const stateMachineArn = it.sfn.createStateMachine({ name, roleArn, definition: define('old', { A: askPerson() }) });
  const executionArn = await start(stateMachineArn);
  it.sfn.createStateMachine({ name, roleArn, definition: define('new', { A: { Type: 'Succeed' } }) });
  const now = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const then = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  expect([JSON.parse(now.definition!).Comment, JSON.parse(then.definition!).Comment]).toEqual(['new', 'old']);
  expect(now).toMatchObject({ name, roleArn, type: 'STANDARD', status: 'ACTIVE' });
  const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines?.map((machine) => machine.name)).toEqual(['passing', 'asking', 'changing']);
});

test.each<[string, () => Promise<unknown>]>([
  ['StateMachineDoesNotExist', () => start(`${passing}x`)],
  ['InvalidArn', () => start('passing')],
  ['InvalidExecutionInput', () => start(passing, { input: 'not json' })],
  ['InvalidName', () => start(passing, { name: 'a b' })],
  ['InvalidName', () => start(passing, { name: 'a'.repeat(81) })],
  ['ValidationException', () => start(passing, { input: JSON.stringify('a'.repeat(262_144)) })],
  [
    'ExecutionDoesNotExist',
    () =>
      client.send(
        new DescribeExecutionCommand({ executionArn: `${passing.replace('stateMachine', 'execution')}:none` }),
      ),
  ],
  ['InvalidArn', () => client.send(new GetExecutionHistoryCommand({ executionArn: 'none' }))],
  ['ValidationException', () => client.send(new ListExecutionsCommand({ stateMachineArn: passing, maxResults: 1001 }))],
  ['ValidationException', () => client.send(new ListExecutionsCommand({}))],
  ['InvalidArn', () => client.send(new RedriveExecutionCommand({ executionArn: passing }))],
  ['UnknownOperationException', () => client.send(new ListActivitiesCommand({}))],
])('%s is the answer to what deserves it', async (name, request) => {
  await expect(request()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
});
