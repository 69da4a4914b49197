import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import type { Server, startServer } from '../../lib/local/postgres/server.ts';
import { databaseError } from '../../lib/local/rds-data/database-error.ts';
import type { OpenSession, Session } from '../../lib/local/rds-data/session.ts';
import { type Answer, answer, type Memory, Refused, shared } from './answers.ts';

/**
 * What stands in for PostgreSQL where a real one for each of thousands of clusters would be too much: it answers the
 * statements that Lockstep sends, and keeps of a database what these are about, its history.
 */
export const standIn = () => {
  const clusters = new Map<number, StandInServer>();
  let port = 0;

  const start: typeof startServer = async ({ directory }) => {
    port += 1;
    const server = new StandInServer(port, directory, clusters);
    clusters.set(port, server);
    return server;
  };

  let sessions = 0;
  const openSession: OpenSession = async ({ port, database, user }, switches) => {
    const memory = clusters.get(port)?.memory(database);
    if (!memory) throw databaseError(postgresError('3D000', `database "${database}" does not exist`), switches);
    sessions += 1;
    let gone = false;
    const session: Session = {
      id: sessions,
      database,
      alive: () => !gone,
      transactionStatus: () => 'I',
      run: async (sql, parameters = []) => {
        try {
          return outcome(
            answer(
              memory,
              user,
              sql,
              parameters.map(({ value }) => (value === null ? null : String(value))),
            ),
          );
        } catch (error) {
          if (error instanceof Refused) throw databaseError(postgresError(error.sqlstate, error.message), switches);
          throw error;
        }
      },
      cancel: async () => {},
      known: new Map(),
      close: async () => {
        gone = true;
      },
    };
    return session;
  };

  return { startServer: start, openSession };
};

/** One of thousands: what it does is the class's, and what all of them have is there once. */
class StandInServer implements Server {
  readonly port: number;
  readonly data: string;
  readonly exited: Promise<void>;
  readonly #parent: string;
  readonly #others: Map<number, StandInServer>;
  readonly #exit: () => void;
  #databases: (Memory & { name: string })[] = [];

  constructor(port: number, directory: string, others: Map<number, StandInServer>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.port = port;
    this.data = basename(directory);
    this.exited = promise;
    this.#parent = shared(dirname(directory));
    this.#others = others;
    this.#exit = resolve;
  }

  get user() {
    return 'stand-in';
  }

  get password() {
    return '';
  }

  get directory() {
    return join(this.#parent, this.data);
  }

  async connect() {
    return { query: async () => ({ rowCount: 1, rows: [] }), end: async () => {} } as never;
  }

  async createDatabase(name: string) {
    if (!this.memory(name)) this.#databases = this.#databases.concat(emptied(name));
  }

  /** What a database remembers, if there is one of that name. */
  memory(name: string): Memory | undefined {
    const found = this.#databases.find((it) => it.name === name);
    if (found || name !== 'postgres') return found;
    // Every cluster has it, and hardly one uses it.
    const made = emptied(name);
    this.#databases = this.#databases.concat(made);
    return made;
  }

  async copyTo() {}

  async stop() {
    this.#others.delete(this.port);
    this.#exit();
  }
}

const emptied = (name: string) => ({ name, installed: false, fence: 0, fenceRun: '', rows: NOTHING });
const NOTHING: Memory['rows'] = [];

const outcome = ({ columns, rows = [], tag }: Answer) => ({
  columns: columns?.map(([name, typeId]) => ({ name, tableId: 0, columnId: 0, typeId, modifier: -1 })),
  rows,
  tag,
  oversize: false,
});

const postgresError = (code: string, message: string) =>
  Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code });
