import { connect } from 'node:net';
import pg from 'pg';
import { AwsError } from '../protocol/aws-error.ts';
import { databaseError, databaseUnavailable, loginRefused } from './database-error.ts';
import type { Bound } from './parameters.ts';
import { type Outcome, runStatement, UnexpectedMessage } from './statement.ts';
import type { Switches } from './switches.ts';

export type Login = { port: number; user: string; password: string; database: string };

/** One connection to PostgreSQL, as the Data API holds many. */
export type Session = {
  /** The backend's process number: `dbConnectionId`. */
  id: number;
  database: string;
  /** False once the connection is gone. */
  alive(): boolean;
  /** `I`dle, in a `T`ransaction, or in a transaction that has failed (`E`). */
  transactionStatus(): string | null;
  /** Runs one statement. @throws AwsError with PostgreSQL's text, or DatabaseUnavailableException */
  run(sql: string, parameters?: Bound[], maximumBytes?: number): Promise<Outcome>;
  /** Asks PostgreSQL to cancel what runs. */
  cancel(): Promise<void>;
  /** What this session has looked up about types; goes with it. */
  known: Map<number, unknown>;
  close(): Promise<void>;
};

export type OpenSession = (login: Login, switches: Switches) => Promise<Session>;

export const openSession: OpenSession = async ({ port, user, password, database }, switches) => {
  const client = new pg.Client({ ...{ host: '127.0.0.1', port, user, password, database }, ...SETTINGS });
  let gone = false;
  client.on('error', () => undefined);
  client.once('end', () => {
    gone = true;
  });
  await client.connect().catch((error: Error) => {
    throw refusesLogin(error) ? loginRefused(error, switches) : translated(error, switches);
  });
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const cancel = () => requestCancel(port, processID, secretKey);
  return {
    id: processID,
    database,
    alive: () => !gone,
    transactionStatus: () => client.getTransactionStatus(),
    run: async (sql, parameters = [], maximumBytes = Number.MAX_SAFE_INTEGER) => {
      let cancelled: Promise<void> | undefined;
      const overflow = () => {
        cancelled = cancel();
      };
      try {
        return await runStatement(client, sql, parameters, { maximumBytes, overflow });
      } catch (error) {
        throw translated(error as Error, switches);
      } finally {
        // A request to cancel that is still on its way would hit the next statement.
        await cancelled;
      }
    },
    cancel,
    known: new Map(),
    close: () => client.end(),
  };
};

/** As Data API sessions show themselves in pg_stat_activity, and in UTC whatever a database or role is set to. */
const SETTINGS = {
  application_name: 'rds-data-api',
  options: '-c TimeZone=UTC -c DateStyle=ISO,MDY -c bytea_output=hex -c extra_float_digits=1',
  keepAlive: false,
};

/** PostgreSQL's class 28: invalid authorization. */
const refusesLogin = (error: Error): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && error.code?.startsWith('28') === true;

const translated = (error: Error, switches: Switches) => {
  if (error instanceof pg.DatabaseError) return databaseError(error, switches);
  if (error instanceof UnexpectedMessage) return new AwsError('DatabaseErrorException', error.message);
  return databaseUnavailable();
};

/** PostgreSQL's protocol, "Canceling Requests in Progress": a connection of its own that carries nothing else. */
const requestCancel = (port: number, processId: number, secretKey: number) =>
  new Promise<void>((resolve) => {
    const message = Buffer.alloc(16);
    [16, (1234 << 16) | 5678, processId, secretKey].forEach((word, index) => {
      message.writeInt32BE(word, index * 4);
    });
    const socket = connect(port, '127.0.0.1', () => socket.end(message));
    // The server answers by closing; one that is gone has nothing to cancel.
    socket.once('error', () => resolve()).once('close', () => resolve());
    socket.resume();
  });
