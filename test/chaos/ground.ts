import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import pg from 'pg';
import type { Database } from '../../lib/database/session.ts';
import { realClock } from '../../lib/local/clock.ts';
import { faultsOf, withFaults } from '../../lib/local/faults/faults.ts';
import type { Fault } from '../../lib/local/faults/plan.ts';
import type { Major } from '../../lib/local/postgres/binaries.ts';
import { startServer } from '../../lib/local/postgres/server.ts';
import { provisionMaster } from '../../lib/local/rds/master-user.ts';
import { type DataApiOptions, dataApi } from '../../lib/local/rds-data/data-api.ts';
import { serve } from '../../lib/local/server.ts';
import type { Service } from '../../lib/local/service.ts';
import { emptied } from './emptied.ts';
import { type Client, inProcess } from './transport.ts';

/** Data APIs of different temper before the same server. */
export const TEMPERS = {
  usual: {},
  /** Calls are cut off long before a slow statement ends. */
  brief: { limits: { callTimeoutMilliseconds: 60 } },
  /** COMMIT in a procedure is refused, so that each migration costs a call. */
  strict: { switches: { procedureCommit: 'refused' } },
} as const satisfies Record<string, Pick<DataApiOptions, 'limits' | 'switches'>>;

export type Temper = keyof typeof TEMPERS;

/** One PostgreSQL server of its own with Data APIs before it, on which databases are put through faults. */
export type Ground = {
  major: Major;
  /** A database of its own: empty, or a copy of another as it stands. */
  arena(original?: Arena): Promise<Arena>;
  stop(): Promise<void>;
};

export type Arena = {
  database: Database;
  /** Undisturbed. */
  direct: Client;
  /** What a caller has, with faults of its own, in this process or over HTTP. `injected` counts no mere delays. */
  client(faults: Fault[], temper?: Temper, http?: boolean): Client & { injected(): number };
  /** The superuser's own connection. */
  connect(): Promise<pg.Client>;
  /** Asks the server as the superuser, not in this database. */
  administer(sql: string, values: unknown[]): Promise<pg.QueryResult>;
  /** Changes the password, in the secret and in the database, as a rotation does. */
  rotate(): Promise<void>;
  /** Calls whose callers are gone. */
  leftovers: Set<Promise<unknown>>;
  drop(): Promise<void>;
};

export const openGround = async (major: Major): Promise<Ground> => {
  const directory = await mkdtemp(join(tmpdir(), 'lockstep-chaos-'));
  // PostgreSQL doesn't run as root, and 15 wants to pass through.
  await chmod(directory, 0o711);
  const server = await startServer({ directory: join(directory, 'server'), major });
  const { port, user, password } = server;
  const admin = new pg.Pool({ host: '127.0.0.1', port, user, password, database: 'postgres', max: 6 });
  // Its connections end with the server.
  admin.on('error', () => {});
  const secrets = new Map<string, string>();
  const cluster = {
    arn: 'arn:aws:rds:us-east-1:000000000000:cluster:chaos',
    port: server.port,
    httpEndpointEnabled: true,
  };
  const apis = Object.fromEntries(
    Object.entries<Pick<DataApiOptions, 'limits' | 'switches'>>(TEMPERS).map(([name, { limits, switches }]) => [
      name,
      dataApi({
        clusters: () => cluster,
        secrets: { value: async (arn) => secrets.get(arn) },
        // All of them together stay below the server's max_connections.
        // Transactions that dead callers leave open hold their locks for three minutes in AWS.
        limits: { sessionsPerCluster: 14, sessionIdleMilliseconds: 2_000, transactionIdleMilliseconds: 200, ...limits },
        ...(switches && { switches }),
      }),
    ]),
  ) as Record<Temper, ReturnType<typeof dataApi>>;
  const doors = new Map<string, Service>();
  const http = await serve(0, {
    services: { 'rds-data': (request) => doors.get(request.principal)!(request) },
    apis: async () => ({ status: 404 }),
    principal: (accessKeyId) => accessKeyId,
  });
  const clients = new Set<RDSDataClient>();
  let made = 0;

  // Each database has an owner of its own, so that a changed password strikes nobody else.
  type Login = { secretArn: string; username: string; password: string };
  const logins: Login[] = [];
  const clean: { name: string; login: Login; uses: number }[] = [];
  const loginOf = ({ database: { secretArn } }: Arena) => logins.find((it) => it.secretArn === secretArn)!;
  let provisioning = Promise.resolve();
  const newLogin = async (): Promise<Login> => {
    const username = `owner_${logins.length + 1}`;
    const secretArn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${username}`;
    const login = { secretArn, username, password: `first of ${username}` };
    logins.push(login);
    secrets.set(secretArn, JSON.stringify(login));
    provisioning = provisioning.then(() => provisionMaster(server, login, []));
    await provisioning;
    return login;
  };

  const arena = async (original?: Arena): Promise<Arena> => {
    const used = original ? undefined : clean.pop();
    const login = original ? loginOf(original) : (used?.login ?? (await newLogin()));
    const name = used?.name ?? `arena_${++made}`;
    if (original) await leave(admin, original.database.database);
    const template = original ? `TEMPLATE ${original.database.database}` : '';
    if (!used) await admin.query(`CREATE DATABASE ${name} OWNER ${login.username} ${template}`);
    const database = { clusterArn: cluster.arn, secretArn: login.secretArn, database: name };
    const leftovers = new Set<Promise<unknown>>();
    // One after another: the role must end with the password that the secret ends with.
    let rotating = Promise.resolve();
    return {
      database,
      leftovers,
      direct: inProcess(apis.usual.service),
      client: (planned, temper = 'usual', overHttp = false) => {
        const [delays, others] = [planned.filter(isDelay), planned.filter((it) => !isDelay(it))];
        const faults = faultsOf({ faults: others, holdMilliseconds: 20 });
        const slow = withFaults(apis[temper].service, 'rds-data', faultsOf({ faults: delays }), realClock);
        const service = withFaults(slow, 'rds-data', faults, realClock);
        if (!overHttp) return { ...inProcess(service), injected: faults.injected };
        const accessKeyId = `AK${doors.size}`;
        doors.set(accessKeyId, service);
        const sdk = new RDSDataClient({
          ...{ endpoint: `http://127.0.0.1:${http.port}`, region: 'us-east-1', maxAttempts: 1 },
          credentials: { accessKeyId, secretAccessKey: 'chaos' },
        });
        clients.add(sdk);
        return { send: sdk.send.bind(sdk) as Client['send'], injected: faults.injected };
      },
      connect: () => server.connect(name),
      administer: (sql, values) => admin.query(sql, values),
      rotate: () => {
        rotating = rotating.then(async () => {
          login.password = `${login.password}'`;
          secrets.set(login.secretArn, JSON.stringify(login));
          await admin.query(`ALTER ROLE ${login.username} PASSWORD ${pg.escapeLiteral(login.password)}`);
        });
        return rotating;
      },
      drop: async () => {
        await Promise.allSettled(leftovers);
        await leave(admin, name);
        const uses = (used?.uses ?? 0) + 1;
        if (!original && uses < USES && (await emptied(() => server.connect(name), login.username)))
          clean.push({ name, login, uses });
        // Nobody waits for it: it takes a checkpoint.
        else admin.query(`DROP DATABASE ${name} WITH (FORCE)`).catch(() => {});
      },
    };
  };

  return {
    major,
    arena,
    stop: async () => {
      for (const client of clients) client.destroy();
      await http.close();
      await Promise.all(Object.values(apis).map((api) => api.close()));
      await admin.end();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** A database that was emptied so often is made anew: its catalog is full of dead rows. */
const USES = 25;

const isDelay = ({ kind }: Fault): boolean => kind === 'latency';

/** Nobody may be connected to what is copied. PostgreSQL's own waiting for that looks ten times a second. */
const leave = async (admin: pg.Pool, database: string) => {
  for (;;) {
    const { rowCount } = await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [database],
    );
    if (rowCount === 0) return;
    await sleep(5);
  }
};
