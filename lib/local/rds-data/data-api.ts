import { randomUUID } from 'node:crypto';
import { type Clock, realClock } from '../clock.ts';
import { AwsError, asAwsError } from '../protocol/aws-error.ts';
import type { AwsRequest, AwsResponse, Service } from '../service.ts';
import { batchExecuteStatement } from './batch.ts';
import { connections, type DataApiCluster, type Secrets } from './connection.ts';
import type { Context } from './context.ts';
import { executeStatement } from './execute.ts';
import { LIMITS, type Limits } from './limits.ts';
import { inputs, parsed } from './request.ts';
import { openSession as bySocket, type OpenSession } from './session.ts';
import { SWITCHES, type Switches } from './switches.ts';
import { beginTransaction, commitTransaction, rollbackTransaction } from './transaction-operations.ts';
import { transactionTable } from './transactions.ts';

export type DataApiOptions = {
  clusters: (arn: string) => DataApiCluster | undefined;
  secrets: Secrets;
  /** @default LIMITS, AWS's own */
  limits?: Partial<Limits>;
  /** @default SWITCHES */
  switches?: Partial<Switches>;
  /** For transactions' ages; a call's own timeout is real time, since PostgreSQL's work is. @default realClock */
  clock?: Clock;
  /** How a cluster's database is logged in to. @default by PostgreSQL's protocol */
  openSession?: OpenSession;
};

/** Which calls are counted: all, one cluster's, one operation's. */
export type CallFilter = { resourceArn?: string; operation?: string };

/** The RDS Data API (2018-08-01, REST-JSON) over PostgreSQL servers on this machine. */
export const dataApi = ({
  clusters,
  secrets,
  clock = realClock,
  openSession = bySocket,
  ...options
}: DataApiOptions) => {
  const limits = { ...LIMITS, ...options.limits };
  const switches = { ...SWITCHES, ...options.switches };
  const context: Context = {
    clock,
    limits,
    switches,
    connections: connections(clusters, secrets, { limits, switches, clock, openSession }),
    transactions: transactionTable(clock, limits, switches),
  };
  const counts = new Map<string, number>();
  const count = (operation: string, resourceArn: string) => {
    const key = `${operation} ${resourceArn}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };

  const service: Service = async (request) => {
    try {
      const run = request.method === 'POST' ? operations[request.path] : undefined;
      if (!run)
        throw new AwsError('UnknownOperationException', `The Data API has no ${request.method} ${request.path}.`, 404);
      return respond(200, await clock.busy(run(context, request, count)));
    } catch (thrown) {
      return refusal(asAwsError(thrown));
    }
  };
  return {
    service,
    /** How many calls came in, whatever became of them. */
    calls: ({ resourceArn, operation }: CallFilter = {}) =>
      [...counts].reduce((sum, [key, times]) => {
        const [of, arn] = key.split(' ');
        return (operation ?? of) === of && (resourceArn ?? arn) === arn ? sum + times : sum;
      }, 0),
    /** Pauses a cluster as Aurora's auto-pause does; the next call resumes it. */
    pause: context.connections.pause,
    close: async () => {
      context.transactions.close();
      await context.connections.close();
    },
  };
};

type Count = (operation: string, resourceArn: string) => void;
type Operation = (context: Context, request: AwsRequest, count: Count) => Promise<object>;

const operation =
  <Name extends keyof typeof inputs>(
    name: string,
    input: Name,
    run: (context: Context, input: ReturnType<(typeof inputs)[Name]['parse']>) => Promise<object>,
  ): Operation =>
  async (context, request, count) => {
    const body = parsed(inputs[input], request, context.limits) as ReturnType<(typeof inputs)[Name]['parse']>;
    count(name, body.resourceArn);
    return run(context, body);
  };

const operations: Record<string, Operation> = {
  '/Execute': operation('ExecuteStatement', 'ExecuteStatement', executeStatement),
  '/BatchExecute': operation('BatchExecuteStatement', 'BatchExecuteStatement', batchExecuteStatement),
  '/BeginTransaction': operation('BeginTransaction', 'BeginTransaction', beginTransaction),
  '/CommitTransaction': operation('CommitTransaction', 'EndTransaction', commitTransaction),
  '/RollbackTransaction': operation('RollbackTransaction', 'EndTransaction', rollbackTransaction),
  '/ExecuteSql': () => {
    throw new AwsError(
      'BadRequestException',
      "ExecuteSql isn't supported for Aurora Serverless v2 and provisioned clusters; use ExecuteStatement.",
    );
  },
};

const respond = (status: number, body: object, headers: Record<string, string> = {}): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID(), ...headers },
  body: JSON.stringify(body),
});

/** Some exceptions have no message in the model, and say none. */
const refusal = ({ name, message, status, members }: AwsError) =>
  respond(status, { ...(message && { message }), ...members }, { 'x-amzn-errortype': name });
