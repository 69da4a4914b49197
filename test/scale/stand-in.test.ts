import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply } from '../../lib/database/apply.ts';
import { readHistory } from '../../lib/database/history.ts';
import { inspect } from '../../lib/database/inspect.ts';
import { objects } from '../../lib/database/objects.ts';
import { type Database, session } from '../../lib/database/session.ts';
import { realClock } from '../../lib/local/clock.ts';
import { type RdsOptions, rds } from '../../lib/local/rds/rds.ts';
import { type DataApiOptions, dataApi } from '../../lib/local/rds-data/data-api.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { inProcess } from '../chaos/transport.ts';
import { standIn } from './stand-in.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:fleet';
const closing: (() => Promise<unknown>)[] = [];
const { startServer, openSession } = standIn();
let real: Ground;
let stand: Ground;

beforeAll(async () => {
  real = await ground({}, {});
  stand = await ground({ startServer, keepsLogs: false }, { openSession });
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

test('answers as PostgreSQL does from an empty database to one that has everything', async () => {
  const [expected, found] = [await story(real), await story(stand)];
  expect(found).toEqual(expected);
});

test('refuses what PostgreSQL refuses: a database that is not there, a history before there is one', async () => {
  const refusals = async ({ data, database }: Ground) => [
    await refused(data.execute({ ...database, database: 'elsewhere' }, 'SELECT 1')),
    await refused(data.execute({ ...database, database: 'untouched' }, 'SELECT doc FROM lockstep.history h')),
    await refused(data.execute({ ...database, database: 'untouched' }, 'CALL lockstep.run(NULL, NULL, NULL, NULL)')),
  ];
  expect(await refusals(stand)).toEqual(await refusals(real));
});

test('refuses what it does not know', async () => {
  expect(await refused(stand.data.execute(stand.database, 'SELECT 1'))).toMatch(
    /does not know the statement: SELECT 1/,
  );
});

type Ground = Awaited<ReturnType<typeof ground>>;

const ground = async (options: Partial<RdsOptions>, before: Pick<DataApiOptions, 'openSession'>) => {
  const directory = await mkdtemp(join(tmpdir(), 'lockstep-'));
  const secrets = { value: async () => JSON.stringify({ username: 'migrator', password: 'secret' }) };
  const place = { partition: 'aws', region: 'us-east-1', account: '000000000000' } as const;
  const control = rds({ place, clock: realClock, directory, secrets, ...options });
  const { arn: clusterArn } = await control.createCluster({
    ...{ identifier: 'fleet', databases: ['tenant', 'untouched'], secretArn: SECRET, httpEndpointEnabled: true },
  });
  const api = dataApi({ clusters: control.cluster, secrets, ...before });
  closing.push(async () => {
    await api.close();
    await control.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const database: Database = { clusterArn, secretArn: SECRET, database: 'tenant' };
  return { data: session(inProcess(api.service)), database };
};

/** What Lockstep sees of a database on its way; times, hashes and the version of PostgreSQL by their kind only. */
const story = async ({ data, database }: Ground): Promise<unknown> => {
  const { migrations } = (await bundle(join(import.meta.dirname, 'migrations'))).bundle;
  const work = (run: string, token: number, count: number, installed: boolean) =>
    apply(data, database, {
      migrations,
      pending: migrations.slice(0, count).map(({ id }) => id),
      ...{
        run,
        token,
        installed,
        lockTimeout: '1s',
        statementTimeout: 1000,
        lockPatience: 0,
        remaining: () => 900_000,
      },
    });
  const seen = [
    await inspect(data, database),
    await readHistory(data, database),
    await work('first', 1, 2, false),
    await work('first', 1, 2, true),
    await inspect(data, database),
    await work('second', 2, 3, true),
    await refused(work('old', 1, 3, true)),
    await inspect(data, database),
    await readHistory(data, database),
    // What is made of it stands for what a migration made: of another kind, but read alike.
    kind(await objects(data, database, { texts: true })),
  ];
  return JSON.parse(JSON.stringify(seen, (key, value) => (VARYING.has(key) && value !== null ? kind(value) : value)));
};

const VARYING = new Set([
  ...['fingerprint', 'milliseconds', 'timings', 'startedAt', 'finishedAt', 'version', 'server', 'bytes'],
]);
const kind = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value);

const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (answer) => JSON.stringify(answer),
    (error: Error) => error.message.replace(/; Position: \d+/, '').replace(/, column \d+/, ''),
  );
