import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Clock, realClock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Place } from '../service.ts';
import type { Credentials } from '../sts/credentials.ts';
import { type Code, codeFolder } from './code.ts';
import { environment } from './environment.ts';
import { functionLog } from './function-log.ts';
import { permissions } from './permissions.ts';
import { pool } from './pool.ts';
import { type Outcome, startSandbox } from './sandbox.ts';

export type Configuration = {
  name: string;
  handler: string;
  runtime: string;
  roleArn: string;
  code: Code;
  variables: Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  logFormat: 'Text' | 'JSON';
  logGroup: string;
  reservedConcurrency?: number;
};

export type Options = {
  place: Place;
  clock: Clock;
  /** Code copies and temporary folders live here; emptied when the cloud is opened. */
  directory: string;
  logs: string;
  /** The local cloud's address, known once it listens. */
  endpoint(): string;
  /** Of the function's own session of its role. */
  credentials(roleArn: string, functionName: string): Credentials;
  /** How many processes of one function run at once on this machine; further invocations wait. */
  processesPerFunction?: number;
  /** How long by the clock an invocation is to have lasted, where that isn't the time that its process took. */
  lasts?: (it: Invoked) => number;
};

/** An invocation that is over: whose trace it is of, what its process took of the machine. */
export type Invoked = { name: string; traceId: string; milliseconds: number; usedMegabytes: number };

/** `lasts`: how much longer its caller is to wait for it, by the clock. */
export type Invocation = { requestId: string; outcome: Outcome['result']; logTail: string; lasts?: number };
export type Functions = ReturnType<typeof functions>;

/** An account's default quota of concurrent executions (Lambda quotas); above it AWS throttles. */
const ACCOUNT_CONCURRENCY = 1000;
const MEGABYTE = 2 ** 20;
/** Lambda's quotas for a synchronous call: 6 MB each way, and 100 bytes more for the answer. */
export const REQUEST_LIMIT = 6 * MEGABYTE;
const RESPONSE_LIMIT = 6 * MEGABYTE + 100;

/** The account's functions. Each event is handled in a process of its own, warm processes take the next one. */
export const functions = (options: Options) => {
  const { place, clock } = options;
  const folder = codeFolder(options.directory);
  const known = new Map<string, ReturnType<typeof deployed>>();
  const granted = permissions();
  /** Of every deployment so far; what runs on old code goes on until it is done. */
  const pools: ReturnType<typeof pool>[] = [];
  let inFlight = 0;

  const deployed = (it: Configuration) => {
    const taskRoot = folder.place(it.name, it.code);
    const log = functionLog(join(options.logs, `${it.name}.log`), clock);
    const start = (output: (text: string) => void) => {
      const temporary = folder.temporary();
      const env = environment(it, {
        ...{
          place,
          taskRoot,
          temporary,
          endpoint: options.endpoint(),
          credentials: options.credentials(it.roleArn, it.name),
        },
      });
      return startSandbox({ cwd: taskRoot, env, memoryMegabytes: it.memoryMegabytes, output });
    };
    const arn = `arn:${place.partition}:lambda:${place.region}:${place.account}:function:${it.name}`;
    const sandboxes = pool(start, options.processesPerFunction);
    pools.push(sandboxes);
    return { arn, configuration: it, log, aliases: new Map<string, string>(), sandboxes };
  };

  const find = (id: string) => {
    const [, name = '', qualifier] =
      /^(?:arn:[^:]+:lambda:[^:]+:\d+:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(id) ?? [];
    const found = known.get(name);
    if (found && (qualifier === undefined || qualifier === '$LATEST' || found.aliases.has(qualifier))) return found;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${id}`, 404, { Type: 'User' });
  };

  const invoke = async (id: string, payload: string, requestId: string = randomUUID()): Promise<Invocation> => {
    const { configuration, log, sandboxes, arn } = find(id);
    const reserved = configuration.reservedConcurrency ?? ACCOUNT_CONCURRENCY;
    if (sandboxes.inFlight() >= reserved || inFlight >= ACCOUNT_CONCURRENCY) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
        Type: 'User',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    inFlight += 1;
    try {
      return await sandboxes.use(async (acquire) => {
        const lines = log.invocation(requestId, configuration);
        const sandbox = await acquire(lines.output);
        if ('error' in sandbox)
          return { requestId, outcome: { error: sandbox.error }, logTail: lines.end(undefined, 0) };
        const traceId = `Root=1-${Math.floor(clock.now().getTime() / 1000).toString(16)}-${hex(12)};Parent=${hex(8)};Sampled=1`;
        const began = performance.now();
        const told = clock.now().getTime();
        const outcome = await sandbox.invoke(
          {
            requestId,
            payload,
            functionArn: id.startsWith('arn:') ? id : arn,
            traceId,
            deadline: Date.now() + configuration.timeoutSeconds * 1000,
            ...(clock === realClock ? {} : { now: told }),
          },
          configuration.timeoutSeconds * 1000,
        );
        clock.reach(new Date(told + performance.now() - began));
        if (!outcome.reusable) sandbox.kill();
        const { result } = outcome;
        if ('error' in result) lines.failed(result.error);
        const logTail = lines.end(sandbox.fresh ? sandbox.initMilliseconds : undefined, outcome.memory);
        const it = { name: configuration.name, traceId, milliseconds: performance.now() - began };
        const lasts = options.lasts?.({ ...it, usedMegabytes: outcome.memory });
        return { requestId, outcome: withinLimit(result), logTail, ...(lasts === undefined ? {} : { lasts }) };
      });
    } finally {
      inFlight -= 1;
    }
  };

  return {
    /** Creates the function, or replaces its code and configuration: warm processes of the old ones take no more events. */
    createFunction(it: Configuration): string {
      known.get(it.name)?.sandboxes.retire();
      const fresh = deployed(it);
      known.set(it.name, fresh);
      return fresh.arn;
    },
    /** Versions and aliases are names for the one code that is deployed: the local cloud keeps no older code. */
    addQualifier: (id: string, qualifier: string, version: string) => void find(id).aliases.set(qualifier, version),
    configuration: (id: string) => ({ arn: find(id).arn, ...find(id).configuration }),
    all: () => [...known.values()].map(({ arn, configuration }) => ({ arn, ...configuration })),
    permit: (id: string, permission: Parameters<typeof granted.add>[1]) => granted.add(find(id).arn, permission),
    /** May this service, on behalf of that resource, invoke the function? */
    permits: (id: string, principal: string, sourceArn: string) => granted.allow(find(id).arn, principal, sourceArn),
    /** Runs the function once and waits for it. Throws AwsError if it doesn't come to run. */
    invoke: (id: string, payload: string, requestId?: string) => clock.busy(invoke(id, payload, requestId)),
    /** Kills a function's processes that are at work, as a crash does; nothing for an unknown function. */
    kill: (name: string) => known.get(name)?.sandboxes.killBusy(),
    /** Ends every process; invocations under way fail. */
    async close() {
      await Promise.all(pools.map((it) => it.close()));
      folder.clear();
    },
  };
};

const hex = (bytes: number) => randomBytes(bytes).toString('hex');

const withinLimit = (result: Outcome['result']): Outcome['result'] =>
  'payload' in result && Buffer.byteLength(result.payload) > RESPONSE_LIMIT
    ? {
        error: {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`,
        },
      }
    : result;
