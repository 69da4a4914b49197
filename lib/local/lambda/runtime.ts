/**
 * What runs in a function's own process, as Lambda's runtime for nodejs24.x does: loads the handler once, then takes
 * one event after another. It talks to the local cloud over file descriptor 3, one JSON document a line.
 */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { logInvokeError, patchConsole } from './console.ts';
import { confineModules, loadHandler, named } from './handler.ts';
import { errorDocument, type FromSandbox, type ToSandbox } from './protocol.ts';
import { shiftTime } from './shifted-time.ts';

const cloud = new Socket({ fd: 3, readable: true, writable: true });
const realNow = Date.now.bind(Date);
let requestId: string | undefined;

const tell = (message: FromSandbox) =>
  new Promise<void>((done) => void cloud.write(`${JSON.stringify(message)}\n`, () => done()));

const dieOf = (error: unknown, code: number) => {
  logInvokeError('Uncaught Exception', error);
  if (!requestId) process.exit(code);
  void tell({ type: 'failed', error: errorDocument(error), memory: memory(), fatal: true }).then(() =>
    process.exit(code),
  );
};
process.on('uncaughtException', (error) => dieOf(error, 129));
process.on('unhandledRejection', (reason) => dieOf(named('Runtime.UnhandledPromiseRejection', String(reason)), 128));
// The local cloud has gone: nothing is left to do, and nobody left to end this process.
cloud.on('close', () => process.exit(0));
cloud.on('error', () => process.exit(0));

patchConsole(() => requestId);
confineModules(process.env.LAMBDA_TASK_ROOT!);
try {
  const handler = await loadHandler(process.env.LAMBDA_TASK_ROOT!, process.env._HANDLER!);
  await tell({ type: 'ready' });
  for await (const line of createInterface({ input: cloud })) await invoke(handler, JSON.parse(line));
} catch (error) {
  logInvokeError('Uncaught Exception', error);
  await tell({ type: 'init-failed', error: errorDocument(error) });
  process.exit(1);
}

async function invoke(handler: (event: unknown, context: object) => unknown, event: ToSandbox) {
  requestId = event.requestId;
  if (event.now !== undefined) shiftTime(event.now);
  process.env._X_AMZN_TRACE_ID = event.traceId;
  const answer = await run(handler, event).catch((error: unknown): FromSandbox => {
    logInvokeError('Invoke Error', error);
    return { type: 'failed', error: errorDocument(error), memory: memory(), fatal: false };
  });
  requestId = undefined;
  await tell(answer);
}

async function run(handler: (event: unknown, context: object) => unknown, event: ToSandbox): Promise<FromSandbox> {
  const { env } = process;
  const result = await handler(JSON.parse(event.payload), {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: event.functionArn,
    awsRequestId: event.requestId,
    getRemainingTimeInMillis: () => event.deadline - realNow(),
  });
  return { type: 'done', payload: JSON.stringify(result === undefined ? null : result) ?? 'null', memory: memory() };
}

/** What the system tells by getrusage begins with the peak of the process that this one was forked from. */
function memory() {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readable('/proc/self/status'))?.[1];
  return Math.ceil((peak === undefined ? process.resourceUsage().maxRSS : Number(peak)) / 1024);
}

function readable(file: string) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
