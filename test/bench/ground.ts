import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type pg from 'pg';
import type { Database } from '../../lib/database/session.ts';
import { startServer } from '../../lib/local/postgres/server.ts';
import type { Behind } from './data-api.ts';

/** A database of the server that all tools work on, as each of them wants to be told of it. */
export type Place = { name: string; url: string; database: Database };

/** One PostgreSQL server as the local runtime starts it, and the Data API before it. */
export type Ground = {
  endpoint: string;
  /** Empty databases; what was done before is written to disk, so that nobody pays for it in another's time. */
  databases(count: number): Promise<Place[]>;
  /** The superuser's own connection; the caller ends it. */
  connect(place: Place): Promise<pg.Client>;
  drop(places: Place[]): Promise<void>;
  stop(): Promise<void>;
};

export const openGround = async (folder: string): Promise<Ground> => {
  const server = await startServer({ directory: join(folder, 'server') });
  const { port, user, password } = server;
  const clusterArn = 'arn:aws:rds:us-east-1:000000000000:cluster:bench';
  const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:bench';
  const behind: Behind = { clusterArn, port, user, password };
  const api = fork(join(import.meta.dirname, 'data-api.ts'), [JSON.stringify(behind)]);
  const gone = once(api, 'exit').then(() => Promise.reject(new Error('The Data API did not start.')));
  const [apiPort] = await Promise.race([once(api, 'message'), gone]);
  gone.catch(() => {});
  let made = 0;

  const admin = async (...statements: string[]) => {
    const client = await server.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const place = (name: string): Place => ({
    name,
    url: `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}?sslmode=disable`,
    database: { clusterArn, secretArn, database: name },
  });

  return {
    endpoint: `http://127.0.0.1:${apiPort}`,
    databases: async (count) => {
      const names = Array.from({ length: count }, () => {
        made += 1;
        return `bench_${made}`;
      });
      await admin(...names.map((name) => `CREATE DATABASE ${name}`), 'CHECKPOINT');
      return names.map(place);
    },
    connect: ({ name }) => server.connect(name),
    drop: (places) => admin(...places.map(({ name }) => `DROP DATABASE ${name} WITH (FORCE)`)),
    stop: async () => {
      api.disconnect();
      await server.stop();
    },
  };
};
