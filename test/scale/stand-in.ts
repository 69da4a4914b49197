import { basename } from 'node:path';
import pg from 'pg';
import type { Server, startServer } from '../../lib/local/postgres/server.ts';
import { databaseError } from '../../lib/local/rds-data/database-error.ts';
import type { OpenSession, Session } from '../../lib/local/rds-data/session.ts';
import { type Answer, answer, type Memory, Refused } from './answers.ts';

/**
 * What stands in for PostgreSQL where a real one for each of thousands of clusters would be too much: it answers the
 * statements that Lockstep sends, and keeps of a database what these are about, its history.
 */
export const standIn = () => {
  const clusters = new Map<number, Map<string, Memory>>();
  let port = 0;

  const start: typeof startServer = async ({ directory }) => {
    port += 1;
    const mine = port;
    const databases = new Map<string, Memory>([['postgres', emptied()]]);
    clusters.set(mine, databases);
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const server: Server = {
      ...{ port: mine, user: 'stand-in', password: '', directory, data: basename(directory), exited },
      connect: async () => ({ query: async () => ({ rowCount: 1, rows: [] }), end: async () => {} }) as never,
      createDatabase: async (name) => void (databases.has(name) || databases.set(name, emptied())),
      copyTo: async () => {},
      stop: async () => {
        clusters.delete(mine);
        resolve();
      },
    };
    return server;
  };

  let sessions = 0;
  const openSession: OpenSession = async ({ port, database, user }, switches) => {
    const memory = clusters.get(port)?.get(database);
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

const emptied = (): Memory => ({ installed: false, fence: 0, fenceRun: '', rows: [] });

const outcome = ({ columns, rows = [], tag }: Answer) => ({
  columns: columns?.map(([name, typeId]) => ({ name, tableId: 0, columnId: 0, typeId, modifier: -1 })),
  rows,
  tag,
  oversize: false,
});

const postgresError = (code: string, message: string) =>
  Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code });
