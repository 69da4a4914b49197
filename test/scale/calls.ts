import { operationOf } from '../../lib/local/faults/operation.ts';
import type { Invoked } from '../../lib/local/lambda/functions.ts';
import type { OnCall } from '../../lib/local/watched.ts';
import { STATEMENT_MILLISECONDS } from './answers.ts';

/** What was asked of AWS, in the units that it is charged by, and when, by the cloud's clock, where it counts. */
export type Tally = {
  /** By `service:Operation`. */
  calls: Map<string, number>;
  /** Calls of the RDS API by instant, in milliseconds. */
  rds: Map<number, number>;
  dynamodb: { reads: number; writes: number };
  lambda: { requests: number; gigabyteSeconds: number };
  /** Most memory that a process of each function has used, in MB. */
  memory: Map<string, number>;
  /** Functions at work at once, by the cloud's clock. */
  atWork: number;
  peakConcurrency: number;
};

/** Milliseconds that a call takes from a function in the same Region: assumed, and told as such. */
export const LATENCY: Record<string, number> = { 'rds-data': 50, rds: 200, s3: 30, dynamodb: 8, states: 40, sns: 30 };
const OTHERWISE = 30;

/** Of a handler itself, whatever it calls: assumed. What took longer than SLOW here is taken to take that long in AWS. */
export const HANDLER = 15;
export const SLOW = 2_000;

type Time = { now(): Date; sleep(milliseconds: number): Promise<void> };

/** Watches all calls and invocations of a local cloud, and gives each invocation the time that its calls take in AWS. */
export const tallying = (clock: () => Time, memoryOf: (name: string) => number) => {
  const tally: Tally = {
    calls: new Map(),
    rds: new Map(),
    dynamodb: { reads: 0, writes: 0 },
    lambda: { requests: 0, gigabyteSeconds: 0 },
    memory: new Map(),
    atWork: 0,
    peakConcurrency: 0,
  };
  /** Of invocations at work, by their trace: what their calls take. */
  const spent = new Map<string, number>();

  const onCall: OnCall = (service, request, response) => {
    const operation = operationOf(service, request);
    add(tally.calls, `${service}:${operation}`);
    if (service === 'rds') add(tally.rds, clock().now().getTime());
    if (service === 'dynamodb') {
      const size = WRITES.test(operation) ? request.body.length : Buffer.byteLength(response.body ?? '');
      if (WRITES.test(operation))
        tally.dynamodb.writes += Math.ceil(size / 1024) * (operation.startsWith('Transact') ? 2 : 1);
      else tally.dynamodb.reads += Math.ceil(size / 4096);
    }
    const trace = String(request.headers['x-amzn-trace-id'] ?? '');
    if (trace) add(spent, trace, (LATENCY[service] ?? OTHERWISE) + (service === 'rds-data' ? work(request.body) : 0));
  };

  const lasts = ({ name, traceId, milliseconds, usedMegabytes }: Invoked): number => {
    const calls = spent.get(traceId) ?? 0;
    spent.delete(traceId);
    const time = calls + (milliseconds > SLOW ? milliseconds : HANDLER);
    tally.lambda.requests += 1;
    tally.lambda.gigabyteSeconds += (memoryOf(name) / 1024) * (time / 1000);
    tally.memory.set(name, Math.max(tally.memory.get(name) ?? 0, usedMegabytes));
    tally.atWork += 1;
    tally.peakConcurrency = Math.max(tally.peakConcurrency, tally.atWork);
    void clock()
      .sleep(time)
      .finally(() => {
        tally.atWork -= 1;
      });
    return time;
  };
  return { tally, onCall, lasts };
};

const WRITES = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

const add = <Key>(map: Map<Key, number>, key: Key, by = 1) => void map.set(key, (map.get(key) ?? 0) + by);

/** What the SQL takes: a call that applies, by its statements. */
const work = (body: Buffer): number => {
  const { sql = '', parameters = [] } = JSON.parse(body.toString()) as {
    sql?: string;
    parameters?: { name: string; value: { stringValue?: string } }[];
  };
  if (!sql.startsWith('CALL lockstep.run(')) return 0;
  const segments = JSON.parse(parameters.find(({ name }) => name === 'segments')?.value.stringValue ?? '[]');
  return (
    segments.reduce((sum: number, it: { statements: string[] }) => sum + it.statements.length, 0) *
    STATEMENT_MILLISECONDS
  );
};
