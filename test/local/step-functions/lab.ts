import { type Clock, virtualClock } from '../../../lib/local/clock.ts';
import type { Archive } from '../../../lib/local/step-functions/archive.ts';
import {
  type Invocation,
  type StepFunctionsOptions,
  stepFunctions,
} from '../../../lib/local/step-functions/step-functions.ts';
import type { Switches } from '../../../lib/local/step-functions/switches.ts';

export const place = { partition: 'aws', region: 'eu-central-1', account: '123456789012' } as const;
export const roleArn = 'arn:aws:iam::123456789012:role/machine';
export const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:step';

/** A handler as tests write it: what it returns is the payload, what it throws the function's error. */
export type Handler = (payload: never, functionArn: string, roleArn: string) => unknown;

type Body = Record<string, unknown>;

/** Holds texts, as a file would. */
const archive = (): Archive => {
  const texts: string[] = [];
  return {
    put: (value) => texts.push(JSON.stringify(value)) - 1,
    get: (place) => JSON.parse(texts[place]!),
    close: () => {},
  };
};

/** A local Step Functions on virtual time with handlers in place of Lambda functions and a Map in place of S3. */
export const lab = ({
  handler,
  clock = virtualClock(),
  switches = {},
  childrenPerSecond,
}: {
  handler?: Handler;
  clock?: Clock;
  switches?: Partial<Switches>;
  childrenPerSecond?: number;
} = {}) => {
  const files = new Map<string, string>();
  const sfn = stepFunctions({
    ...{
      place,
      clock,
      invoke: invoking(handler),
      objects: inMemory(files),
      switches,
      archive: archive(),
      childrenPerSecond,
    },
  });
  const call = async (action: string, input: Body): Promise<Body> => {
    const response = await sfn.service({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `AWSStepFunctions.${action}` },
      body: Buffer.from(JSON.stringify(input)),
      principal: 'arn:aws:iam::123456789012:root',
    });
    const body = JSON.parse(String(response.body));
    if (response.status !== 200) throw Object.assign(new Error(body.message), { name: body.__type });
    return body;
  };
  const start = async (definition: Body, input: unknown = {}, name = 'machine') => {
    const stateMachineArn = sfn.createStateMachine({
      name,
      roleArn,
      definition: JSON.stringify({ QueryLanguage: 'JSONata', ...definition }),
    });
    const { executionArn } = await call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
    return executionArn as string;
  };
  const result = async (executionArn: string) => {
    const { status, output, error, cause, startDate, stopDate } = await call('DescribeExecution', { executionArn });
    return {
      status,
      output: output === undefined ? undefined : JSON.parse(output as string),
      error,
      cause,
      seconds: (stopDate as number) - (startDate as number),
    };
  };
  const ended = async (executionArn: string) => {
    await until(async () => (await call('DescribeExecution', { executionArn })).status !== 'RUNNING');
    return result(executionArn);
  };
  const events = async (executionArn: string) =>
    (await call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events as Event[];
  return {
    sfn,
    clock,
    files,
    call,
    start,
    ended,
    events,
    /** Runs a machine whose first state is the first one written. */
    async run(states: Record<string, Body>, input: unknown = {}, top: Body = {}) {
      const arn = await start({ StartAt: Object.keys(states)[0], States: states, ...top }, input);
      return { arn, ...(await ended(arn)), events: await events(arn) };
    },
  };
};

export type Event = {
  id: number;
  previousEventId: number;
  type: string;
  timestamp: number;
  [details: string]: unknown;
};

export const types = (events: Event[]) => events.map(({ type }) => type);

export const invokeStep = (fields: Body = {}): Body => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: FUNCTION, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  End: true,
  ...fields,
});

export const askPerson = (fields: Body = {}): Body => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: FUNCTION, Payload: { token: '{% $states.context.Task.Token %}' } },
  End: true,
  ...fields,
});

/** Lets the event loop turn until something is so; what never becomes so fails the test by its timeout. */
export const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
};

export class HandlerError extends Error {
  constructor(name: string, message = 'it went wrong') {
    super(message);
    this.name = name;
  }
}

const invoking =
  (handler: Handler = (payload) => payload): StepFunctionsOptions['invoke'] =>
  async (functionArn, payload, as): Promise<Invocation> => {
    try {
      return { ok: true, payload: await handler(payload as never, functionArn, as.roleArn) };
    } catch (thrown) {
      const { name, message } = thrown as Error;
      return { ok: false, error: name, cause: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }) };
    }
  };

const inMemory = (files: Map<string, string>): StepFunctionsOptions['objects'] => ({
  async get(bucket, key) {
    const body = files.get(`${bucket}/${key}`);
    if (body === undefined) throw new HandlerError('NoSuchKey', 'The specified key does not exist.');
    return Buffer.from(body);
  },
  async put(bucket, key, body) {
    if (bucket === 'forbidden') throw new HandlerError('AccessDenied', 'Access Denied');
    files.set(`${bucket}/${key}`, typeof body === 'string' ? body : Buffer.concat([...body]).toString());
  },
  async list(bucket, prefix) {
    return [...files]
      .filter(([name]) => name.startsWith(`${bucket}/${prefix}`))
      .map(([name, body]) => ({
        key: name.slice(bucket.length + 1),
        size: body.length,
        etag: 'e7a6',
        lastModified: new Date('2026-01-05T09:00:00Z'),
      }));
  },
});
