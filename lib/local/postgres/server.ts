import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { failure } from '../../failure.ts';
import type { Major } from './binaries.ts';
import { type DataFolder, prepareDataFolder } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { type Guarded, startGuarded } from './guard.ts';
import { settings } from './settings.ts';
import { SUPERUSER } from './template.ts';

export type ServerOptions = {
  /** Where the server keeps everything; made when missing, reused when it holds a server's data. */
  directory: string;
  /** @default 17 */
  major?: Major;
  /** Takes each line of the server's log. */
  log?: (line: string) => void;
};

/** A real PostgreSQL of its own on 127.0.0.1. */
export type Server = {
  port: number;
  user: string;
  password: string;
  directory: string;
  /** The data directory proper, PGDATA. */
  data: string;
  /** A connection as the superuser; the caller ends it. */
  connect(database?: string): Promise<pg.Client>;
  /** Creates the database unless it exists. */
  createDatabase(name: string, owner?: string): Promise<void>;
  /** Copies its data while it works, if that is done otherwise than by a base backup. */
  copyTo?(directory: string): Promise<void>;
  /** Resolves when the server has gone, wanted or not. */
  exited: Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts a PostgreSQL server for one cluster. It never outlives this process.
 *
 * @throws DirectoryInUse, ServerNotStarted, ForeignDataFolder, NoUnprivilegedAccount, PostgresNotInstalled
 */
export const startServer = async ({ directory, major, log = () => undefined }: ServerOptions): Promise<Server> => {
  const folder = await prepareDataFolder(directory, major);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const started = await launch(folder, port, log);
    if ('guarded' in started) return running(folder, port, started.guarded);
    // Somebody else took the port between our look at it and the server's.
    if (PORT_TAKEN.test(started.output) && attempt < 10) continue;
    throw new ServerNotStarted({ directory, output: started.output });
  }
};

export const ServerNotStarted = failure(
  'ServerNotStarted',
  (it: { directory: string; output: string }) =>
    `PostgreSQL in ${it.directory} did not start. Its log says:\n${it.output}`,
);

const PORT_TAKEN = /Address already in use|could not create any TCP\/IP sockets/;
const READY = /database system is ready to accept connections/;

const launch = async (
  folder: DataFolder,
  port: number,
  log: (line: string) => void,
): Promise<{ guarded: Guarded } | { output: string }> => {
  const lines: string[] = [];
  const { promise: ready, resolve: isReady } = Promise.withResolvers<'ready'>();
  const line = (text: string) => {
    lines.push(text);
    if (lines.length > 100) lines.shift();
    if (READY.test(text)) isReady('ready');
    log(text);
  };
  const args = ['-D', folder.seenAs, ...settings(port).flatMap((setting) => ['-c', setting])];
  const { postgres } = folder.installation.programs;
  const guarded = startGuarded(postgres, args, { account: folder.installation.account, cwd: folder.data, line });
  const outcome = await Promise.race([ready, guarded.exited, delay(STARTED_WITHIN, 'late' as const, { ref: false })]);
  if (outcome === 'ready') {
    guarded.standBy();
    return { guarded };
  }
  await halt(folder, guarded);
  // The last lines of the log may arrive after the server's end.
  await delay(50);
  return { output: lines.join('\n') };
};

/** Recovery after a hard end may take its time; half a minute of silence is not recovery. */
const STARTED_WITHIN = 60_000;

const running = (folder: DataFolder, port: number, guarded: Guarded): Server => {
  const { directory, data, password } = folder;
  const connect = async (database = 'postgres') => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: SUPERUSER, password, database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const createDatabase = async (name: string, owner = SUPERUSER) => {
    const client = await connect();
    try {
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
      if (rowCount === 0)
        await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${pg.escapeIdentifier(owner)}`);
    } finally {
      await client.end();
    }
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= halt(folder, guarded);
    return stopped;
  };
  return { port, user: SUPERUSER, password, directory, data, connect, createDatabase, exited: guarded.exited, stop };
};

const halt = async (folder: DataFolder, guarded: Guarded) => {
  guarded.release();
  const late = await Promise.race([guarded.exited, delay(STOPPED_WITHIN, 'late', { ref: false })]);
  if (late) await folder.kill();
  await guarded.exited;
  await folder.release();
};

const STOPPED_WITHIN = 20_000;
