import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverIn } from '../../../lib/local/postgres/occupancy.ts';
import { type Server, startServer } from '../../../lib/local/postgres/server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const one = async (server: Server, sql: string) => {
  const client = await server.connect();
  const { rows } = await client.query({ text: sql, rowMode: 'array' }).finally(() => client.end());
  return rows[0]?.[0];
};

describe('a server', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({ directory: join(folder, 'one') });
  });
  afterAll(() => server.stop());

  test('is PostgreSQL 17 in UTF8 and UTC', async () => {
    expect(await one(server, 'SHOW server_version')).toMatch(/^17\./);
    expect(await one(server, 'SHOW server_encoding')).toBe('UTF8');
    expect(await one(server, 'SHOW TimeZone')).toBe('UTC');
  });

  test('orders text as Aurora does, not by bytes', async () => {
    expect(await one(server, `SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'A', 'a', 'B']) x`)).toBe(
      'aAbB',
    );
  });

  test('listens on 127.0.0.1 alone and on no socket', async () => {
    expect(await one(server, 'SHOW listen_addresses')).toBe('127.0.0.1');
    expect(await one(server, 'SHOW unix_socket_directories')).toBe('');
  });

  test('lets nobody in without the password', async () => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: server.port,
      user: server.user,
      password: 'guessed',
      database: 'postgres',
    });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  test('keeps its passwords as SCRAM secrets', async () => {
    expect(
      await one(server, `SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'rdsadmin'`),
    ).toBe(true);
  });

  test('creates a database once and takes the second wish for granted', async () => {
    await server.createDatabase('till "7"');
    await server.createDatabase('till "7"');
    expect(await one(server, `SELECT count(*) FROM pg_database WHERE datname = 'till "7"'`)).toBe('1');
  });

  test('has its folder for itself', async () => {
    await expect(startServer({ directory: join(folder, 'one') })).rejects.toMatchObject({ name: 'DirectoryInUse' });
    expect(await one(server, 'SELECT 1')).toBe(1);
  });

  test('shares the machine with others', async () => {
    const others = await Promise.all(
      ['two', 'three', 'four'].map((name) => startServer({ directory: join(folder, name) })),
    );
    const ports = new Set([server, ...others].map(({ port }) => port));
    await Promise.all(others.map((other) => other.stop()));
    expect(ports.size).toBe(4);
  });
});

describe('a kept folder', () => {
  test('shows its data to the next server', async () => {
    const directory = join(folder, 'kept');
    const first = await startServer({ directory });
    await one(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await startServer({ directory });
    const answer = await one(second, 'SELECT answer FROM kept');
    await second.stop();
    expect(answer).toBe(42);
  });

  test('with a lock file of a process that is no server opens all the same', async () => {
    const directory = join(folder, 'stale');
    await (await startServer({ directory })).stop();
    await writeFile(join(directory, 'data', 'postmaster.pid'), `${process.pid}\n/elsewhere\n`);
    const server = await startServer({ directory });
    expect(await one(server, 'SELECT 1')).toBe(1);
    await server.stop();
  });

  test('of another PostgreSQL is refused by name', async () => {
    const directory = join(folder, 'foreign');
    await mkdir(join(directory, 'data'), { recursive: true });
    await writeFile(join(directory, 'data', 'PG_VERSION'), '14\n');
    await expect(startServer({ directory })).rejects.toMatchObject({
      name: 'ForeignDataFolder',
      message: expect.stringContaining('it is of PostgreSQL 14, not 17'),
    });
  });

  test('whose server refuses to start tells what its log says', async () => {
    const directory = join(folder, 'broken');
    await (await startServer({ directory })).stop();
    await writeFile(join(directory, 'data', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(startServer({ directory })).rejects.toMatchObject({
      name: 'ServerNotStarted',
      message: expect.stringContaining('no_such_setting'),
    });
  });

  test.runIf(process.getuid?.() === 0)('under a folder only root may enter serves an unprivileged server', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o700);
    const server = await startServer({ directory: join(closed, 'inside') });
    await one(server, 'CREATE TABLE there AS SELECT 1');
    expect(await one(server, 'SELECT count(*) FROM there')).toBe('1');
    await server.stop();
  });
});

describe('when the process that started it is killed', () => {
  test('a server ends, and the next process finds all that was committed', async () => {
    const directory = join(folder, 'orphan');
    const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await written(owner);
    const data = join(directory, 'data');
    const pid = await serverIn(data);
    expect(pid).toBeGreaterThan(0);
    owner.kill('SIGKILL');
    await once(owner, 'exit');

    const next = await startServer({ directory });
    expect(await serverIn(data)).not.toBe(pid);
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
    expect(await one(next, 'SELECT count(*) FROM orders')).toBe('1000');
    await next.stop();
    await expect(readFile(join(data, 'postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

const OWNER = `
import { startServer } from ${JSON.stringify(new URL('../../../lib/local/postgres/server.ts', import.meta.url).href)};
const server = await startServer({ directory: process.argv[1] });
const client = await server.connect();
await client.query('CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id');
console.log('written');
// Something unfinished is open when the end comes.
await client.query('BEGIN; DELETE FROM orders; SELECT pg_sleep(60)');
`;

const written = async (owner: ChildProcess) => {
  for await (const chunk of owner.stdout!) if (String(chunk).includes('written')) return;
  throw new Error('the owner ended early');
};
