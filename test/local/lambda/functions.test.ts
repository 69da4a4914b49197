import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { functionsOf } from '../cloud-harness.ts';

const handler = (body: string) => `exports.handler = async (event, context) => { ${body} };`;
const run = async (all: ReturnType<typeof functionsOf>, event: unknown = {}, name = 'f') => {
  const { outcome } = await all.invoke(name, JSON.stringify(event));
  return 'payload' in outcome ? JSON.parse(outcome.payload) : outcome.error;
};

it('hands the event to the handler and back what it returns', async () => {
  const all = functionsOf({ f: handler('return { got: event }') });
  expect(await run(all, { a: ['ü', null] })).toEqual({ got: { a: ['ü', null] } });
});

it('gives null for a handler that returns nothing', async () => {
  expect(await run(functionsOf({ f: handler('') }))).toBeNull();
});

it('shows the handler what Lambda shows it', async () => {
  const source = `const { env } = process;
    exports.handler = async (event, context) => ({ env, cwd: process.cwd(), ipc: process.send, context, left: context.getRemainingTimeInMillis() });`;
  const all = functionsOf({ f: source }, { endpoint: 'http://127.0.0.1:4566' });
  process.env.SECRET_OF_THE_MACHINE = 'x';
  const { env, cwd, ipc, context, left } = await run(all);
  delete process.env.SECRET_OF_THE_MACHINE;
  expect(Object.keys(env).sort()).toEqual([
    ...[
      'AWS_ACCESS_KEY_ID',
      'AWS_DEFAULT_REGION',
      'AWS_ENDPOINT_URL',
      'AWS_EXECUTION_ENV',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    ],
    ...[
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_FORMAT',
    ],
    ...[
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
    ],
    ...['HOME', 'LAMBDA_TASK_ROOT', 'LANG', 'PATH', 'SLACK_API_URL', 'TMPDIR', 'TZ', '_HANDLER', '_X_AMZN_TRACE_ID'],
  ]);
  expect(env).toMatchObject({ SLACK_API_URL: 'http://127.0.0.1:4566/slack/api/' });
  expect(env).toMatchObject({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', _HANDLER: 'index.handler', TZ: ':UTC' });
  expect(cwd).toBe(env.LAMBDA_TASK_ROOT);
  expect(ipc).toBeUndefined();
  expect(context).toMatchObject({
    functionName: 'f',
    memoryLimitInMB: '128',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  });
  expect(left).toBeLessThanOrEqual(10_000);
  expect(left).toBeGreaterThan(5_000);
});

it('keeps a process warm for the next event, and takes one event at a time', async () => {
  const all = functionsOf({
    f: 'let n = 0; exports.handler = async () => { const mine = ++n; await new Promise((r) => setTimeout(r, 50)); return [process.pid, mine, n]; };',
  });
  const together = await Promise.all([run(all), run(all)]);
  expect(together.map(([, mine, n]) => [mine, n])).toEqual([
    [1, 1],
    [1, 1],
  ]);
  const [pid, mine] = await run(all);
  expect(together.map(([first]) => first)).toContain(pid);
  expect(mine).toBe(2);
});

it.each([
  ['a thrown error', handler('throw new TypeError("no")'), { errorType: 'TypeError', errorMessage: 'no' }],
  ['a thrown text', handler('throw "no"'), { errorType: 'string', errorMessage: 'no', trace: [] }],
  [
    'a failure named on its prototype',
    'class F extends Error {} Object.defineProperty(F.prototype, "name", { value: "LeaseHeld" }); exports.handler = async () => { throw new F("by x") };',
    { errorType: 'LeaseHeld', errorMessage: 'by x' },
  ],
  ['an error while loading', 'throw new RangeError("early")', { errorType: 'RangeError', errorMessage: 'early' }],
  ['a syntax error', 'exports.handler = ;', { errorType: 'Runtime.UserCodeSyntaxError' }],
  [
    'a missing module',
    'require("left-pad")',
    { errorType: 'Runtime.ImportModuleError', errorMessage: expect.stringContaining("'left-pad'") },
  ],
  // Installed in this project, hence above the function's folder; on Lambda it would be missing.
  ['a module that only this project has', 'require("jsonata")', { errorType: 'Runtime.ImportModuleError' }],
  [
    'no handler',
    'exports.other = 1',
    { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
  ],
  [
    'a handler with a callback',
    'exports.handler = (event, context, callback) => callback()',
    { errorType: 'Runtime.CallbackHandlerDeprecated' },
  ],
  ['a result that is no JSON', handler('return 1n'), { errorType: 'TypeError' }],
])('reports %s', async (_, source, error) => {
  expect(await run(functionsOf({ f: source }))).toMatchObject(error);
});

it('reports a process that exits, and starts another for the next event', async () => {
  const all = functionsOf({ f: handler('if (event.die) process.exit(7); return "alive"') });
  const { requestId, outcome } = await all.invoke('f', '{"die":true}');
  expect(outcome).toEqual({
    error: {
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 7`,
    },
  });
  expect(await run(all)).toBe('alive');
});

it('reports a rejection that nobody awaited', async () => {
  const all = functionsOf({
    f: handler('Promise.reject(new Error("stray")); await new Promise((r) => setTimeout(r, 500)); return 1'),
  });
  expect(await run(all)).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: stray',
  });
});

it('ends a function that takes too long', async () => {
  const all = functionsOf({
    f: { code: { inline: handler('if (event.loop) for (;;); return "alive"') }, timeoutSeconds: 1 },
  });
  const { requestId, outcome } = await all.invoke('f', '{"loop":true}');
  expect(outcome).toEqual({
    error: {
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
    },
  });
  expect(await run(all)).toBe('alive');
});

it('refuses an answer above 6 MB', async () => {
  const all = functionsOf({ f: handler('return "x".repeat(6 * 2 ** 20 + 99)') });
  expect(await run(all)).toEqual({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
});

it('throttles above the reserved concurrency', async () => {
  const slow = handler('await new Promise((r) => setTimeout(r, 200)); return 1');
  const all = functionsOf({ f: { code: { inline: slow }, reservedConcurrency: 1 } });
  const [first, second] = await Promise.allSettled([run(all), run(all)]);
  expect(first).toEqual({ status: 'fulfilled', value: 1 });
  expect(second).toMatchObject({ status: 'rejected', reason: { name: 'TooManyRequestsException', status: 429 } });
});

it('lets invocations above what the machine can run wait', async () => {
  const all = functionsOf({ f: handler('return event') });
  const events = Array.from({ length: 25 }, (_, n) => n);
  expect(await Promise.all(events.map((n) => run(all, n)))).toEqual(events);
});

it('never finds itself before what an earlier invocation has written down', async () => {
  const clock = virtualClock(new Date('2030-01-01T00:00:00Z'));
  const late = 'await new Promise((resolve) => setTimeout(resolve, event.wait)); return Date.now()';
  const all = functionsOf({ f: handler(late), g: handler('return Date.now()') }, { clock });
  const written = await run(all, { wait: 300 });
  expect(await run(all, {}, 'g')).toBeGreaterThanOrEqual(written);
});

it('tells the cloud’s time where that is virtual', async () => {
  const clock = virtualClock(new Date('2030-01-01T00:00:00Z'));
  const source =
    'exports.handler = async () => [Date.now() - Date.parse("2030-01-01"), new Date().getFullYear(), new Date(0).getTime(), new Date() instanceof Date, Date().includes("2030")];';
  const [late, ...rest] = await run(functionsOf({ f: source }, { clock }));
  expect(rest).toEqual([2030, 0, true, true]);
  expect(late).toBeLessThan(5_000);
});

it('logs each invocation between its START and REPORT lines', async () => {
  const all = functionsOf({
    f: handler(
      'console.log("hello %s", "you"); console.error(new Error("two\\nlines").message); process.stdout.write("raw\\n"); return 1',
    ),
  });
  const { requestId, logTail } = await all.invoke('f', '{}');
  const log = readFileSync(join(all.logs, 'f.log'), 'utf8');
  const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
  expect(log.replaceAll(time, '<time>').replaceAll(requestId, '<id>').split('\n')).toEqual([
    'START RequestId: <id> Version: $LATEST',
    '<time>\t<id>\tINFO\thello you',
    '<time>\t<id>\tERROR\ttwo\rlines',
    'raw',
    'END RequestId: <id>',
    expect.stringMatching(
      /^REPORT RequestId: <id>\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms$/,
    ),
    '',
  ]);
  expect(logTail).toBe(log);
});

it('runs ECMAScript modules, and finds the handler in a folder', async () => {
  const esm = functionsOf({
    f: 'const where = import.meta.filename; export const handler = async () => where.endsWith("index.js");',
  });
  expect(await run(esm)).toBe(true);
});

it('brings the AWS SDK, as Lambda’s runtime does', async () => {
  const all = functionsOf({
    f: 'const { SNSClient } = require("@aws-sdk/client-sns"); exports.handler = async () => typeof SNSClient;',
  });
  expect(await run(all)).toBe('function');
});

it('gives a new deployment a new process', async () => {
  const all = functionsOf({ f: handler('return "old"') });
  expect(await run(all)).toBe('old');
  const { arn: _, ...configuration } = all.configuration('f');
  all.createFunction({ ...configuration, code: { inline: handler('return "new"') } });
  expect(await run(all)).toBe('new');
});

it('finds a function by name, ARN and alias, and no other', async () => {
  const all = functionsOf({ f: handler('return context.invokedFunctionArn') });
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
  all.addQualifier('f', 'live', '1');
  expect([await run(all, {}, 'f'), await run(all, {}, `${arn}:live`)]).toEqual([arn, `${arn}:live`]);
  await expect(run(all, {}, 'f:other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: f:other',
  });
});
