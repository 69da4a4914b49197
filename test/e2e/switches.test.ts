import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BeginTransactionCommand, CommitTransactionCommand, ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply, type Work } from '../../lib/database/apply.ts';
import { readHistory } from '../../lib/database/history.ts';
import { inspect } from '../../lib/database/inspect.ts';
import { changeOf, resolve } from '../../lib/database/resolve.ts';
import { type Database, type Session, session } from '../../lib/database/session.ts';
import { OTHERWISE, type Switches } from '../../lib/local/rds-data/switches.ts';
import { parseSwitches } from '../../lib/local/switches-variable.ts';
import { bundle } from '../../lib/migrations/build.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { Died } from '../database/bench.ts';
import { secretArn, startCluster, startDataApi } from '../local/rds-data/harness.ts';

// What AWS does is not known in every point. Whatever it is, a database goes through its whole life the same way.

const files = {
  '1_items.up.sql': `CREATE TABLE items (id int, at timestamptz DEFAULT now(), tags text[]);
    CREATE FUNCTION total() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN n := (SELECT sum(id)::bigint FROM items); RETURN n; END $$;
    INSERT INTO items SELECT generate_series(1, 100);`,
  '1_items.down.sql': 'DROP FUNCTION total(); DROP TABLE items;',
  '2_index.up.sql': 'CREATE INDEX CONCURRENTLY items_id ON items (id);',
  '2_index.down.sql': 'DROP INDEX CONCURRENTLY items_id;',
  '3_more.up.sql': 'INSERT INTO items VALUES (1000);',
  '3_more.down.sql': 'DELETE FROM items WHERE id = 1000;',
};
const lost = {
  ...files,
  '4_at.up.sql': 'CREATE INDEX CONCURRENTLY items_at ON items (at);',
  '4_at.down.sql': 'DROP INDEX items_at;',
};
const broken = {
  ...lost,
  '5_gifts.up.sql': 'CREATE TABLE gifts (id int); INSERT INTO gifts (nope) VALUES (1);',
  '5_gifts.down.sql': 'DROP TABLE IF EXISTS gifts;',
};
const slow = {
  ...broken,
  '6_slow.up.sql': 'INSERT INTO items VALUES (2000); SELECT pg_sleep(0.5);',
  '6_slow.down.sql': 'DELETE FROM items WHERE id = 2000;',
  '7_tags.up.sql': 'CREATE INDEX CONCURRENTLY items_tags ON items USING gin (tags);',
  '7_tags.down.sql': 'DROP INDEX CONCURRENTLY items_tags;',
};
const locked = {
  ...slow,
  '8_name.up.sql': 'ALTER TABLE items ADD name text;',
  '8_name.down.sql': 'ALTER TABLE items DROP name;',
};

const many = Object.fromEntries(Array.from({ length: 700 }, (_, at) => [`${at + 1}_nothing.sql`, `SELECT ${at};`]));

let cluster: Awaited<ReturnType<typeof startCluster>>;
let large: { database: Database; fingerprint: string };
/** By the number of migrations. */
const stages: Record<number, Migration[]> = {};

beforeAll(async () => {
  for (const [upto, of] of Object.entries({ 3: files, 4: lost, 5: broken, 7: slow, 8: locked, 700: many })) {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-'));
    for (const [name, content] of Object.entries(of)) await writeFile(join(folder, name), content);
    stages[Number(upto)] = (await bundle(folder)).bundle.migrations;
    await rm(folder, { recursive: true });
  }
  cluster = await startCluster();
  cluster.secrets.set('old', JSON.stringify({ username: 'clerk', password: 'of before' }));
  const api = await startDataApi(cluster, { switches: {} });
  await api.execute('CREATE DATABASE large');
  const database = { clusterArn: cluster.arn, secretArn, database: 'large' };
  const it = subject(session(api.sdk), database);
  await it.apply(upto(700));
  const { fingerprint, history } = await it.inspect();
  expect(history).toHaveLength(700);
  large = { database, fingerprint };
  await api.close();
});
afterAll(() => cluster.stop());

const flips = Object.keys(OTHERWISE).flatMap((name) =>
  Object.keys(OTHERWISE[name as keyof Switches]).map((answer) => `${name}=${answer}`),
);

test.concurrent.for(['', ...flips])('a database lives the same life with %j', async (flip) => {
  const { dataApi: switches } = parseSwitches(flip);
  const api = await startDataApi(cluster, { switches, limits: { resumeMilliseconds: 50 } });
  const hasty = await startDataApi(cluster, { switches, limits: { callTimeoutMilliseconds: 250 } });
  const name = `life_${flips.indexOf(flip) + 1}`;
  await api.execute(`CREATE DATABASE ${name}`);
  const it = subject(session(api.sdk), { clusterArn: cluster.arn, secretArn, database: name });
  const before = (await it.inspect()).fingerprint;

  // Applied once, however often it is called.
  expect(await it.apply(upto(3))).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
  expect(await it.apply(upto(3))).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
  expect(await it.text('total()')).toBe('6050');

  // A caller that dies with its statement carried out and nobody told.
  await it.apply(upto(4), {}, dyingBehind(/INDEX CONCURRENTLY/, it.session)).catch(() => {});
  expect(await it.untilDone(upto(4))).toBe('applied');
  expect(await it.valid('items_at')).toBe('true');

  // A statement that fails takes its migration back, and a person decides.
  const gifts = upto(5);
  const { failure } = await it.apply(gifts);
  expect(failure).toMatchObject({ migration: '5', statement: 2, sqlstate: '42703' });
  expect(failure?.message).toBe('column "nope" of relation "gifts" does not exist');
  const change = changeOf(name, '5', gifts, await readHistory(it.session, it.database), { as: 'applied' });
  await resolve(it.session, it.database, change, gifts, { reason: 'not needed', requestedBy: 'ada' });

  // Statements that outlive their call: in a transaction, and kept waiting outside of one.
  const hold = await holding(api, name, "UPDATE items SET tags = '{a}' WHERE id = 1");
  const late = subject(session(hasty.sdk), it.database);
  expect(await late.apply(upto(7))).toMatchObject({ state: 'running' });
  setTimeout(hold.end, 700);
  expect(await late.untilDone(upto(7))).toBe('applied');
  await hold.ended;
  expect(await it.text('(SELECT count(*) FROM items WHERE id = 2000)')).toBe('1');
  expect(await it.valid('items_tags')).toBe('true');

  // Somebody else's lock.
  const lock = await holding(api, name, 'LOCK TABLE items IN SHARE MODE');
  const kept = await it.apply(upto(8), { lockTimeout: '50ms' });
  expect(kept.failure).toMatchObject({ migration: '8', sqlstate: '55P03' });
  expect(kept.failure?.message).toMatch(/ShareLock on (public\.)?items by pid/);
  lock.end();
  await lock.ended;
  expect(await it.apply(upto(8))).toMatchObject({ state: 'applied' });

  // A cluster that slept, a password of before, a history that doesn't fit into one answer.
  api.api.pause(cluster.arn);
  expect((await it.inspect()).history.map(({ state }) => state)).toEqual(Array(8).fill('applied'));
  await expect(subject(it.session, { ...it.database, secretArn: 'old' }).inspect()).rejects.toThrow(/password/);
  expect((await inspect(it.session, large.database)).fingerprint).toBe(large.fingerprint);

  // And back.
  const all = upto(8);
  expect(await it.untilDone(all, { direction: 'down', run: 'back', token: 2 })).toBe('applied');
  expect((await it.inspect()).fingerprint).toBe(before);
  await hasty.close();
  await api.close();
});

const upto = (number: number): Migration[] => stages[number]!;

const subject = (through: Session, database: Database) => {
  const text = async (sql: string) => {
    const { records } = await through.execute(database, `SELECT (${sql})::text`);
    return records[0]?.[0]?.stringValue;
  };
  const work = (migrations: Migration[], wanted: Partial<Work>, by = through) => {
    const ids = migrations.map(({ id }) => id);
    return apply(by, database, {
      ...{ migrations, pending: wanted.direction === 'down' ? ids.reverse() : ids, installed: false },
      ...{ run: 'run-1', token: 1, lockTimeout: '5s', statementTimeout: 0, lockPatience: 0 },
      remaining: () => 240_000,
      ...wanted,
    });
  };
  return {
    ...{ session: through, database, text },
    inspect: () => inspect(through, database),
    valid: (index: string) => text(`SELECT indisvalid FROM pg_index WHERE indexrelid = '${index}'::regclass`),
    apply: (migrations: Migration[], wanted: Partial<Work> = {}, by = through) => work(migrations, wanted, by),
    /** Asks again and again, as the state machine does; those who sent what is at work count as dead. */
    async untilDone(migrations: Migration[], wanted: Partial<Work> = {}) {
      for (let tries = 0; tries < 100; tries += 1) {
        const { state } = await work(migrations, wanted);
        if (state !== 'running') return state;
        await sleep(50);
        await through.execute(database, DEAD).catch(() => {});
      }
      return 'never';
    },
  };
};

const DEAD = `UPDATE lockstep.history SET intent = jsonb_set(intent, '{deadline}', to_jsonb(now() - interval '1 second'))
  WHERE intent IS NOT NULL`;

/** A caller that is gone once a statement of that kind has been carried out. */
const dyingBehind = (statement: RegExp, inner: Session): Session => {
  let dead = false;
  return {
    ...inner,
    async execute(...args) {
      if (dead) throw new Died();
      const answer = await inner.execute(...args);
      dead = /^\/\*/.test(args[1]) && statement.test(args[1]);
      if (dead) throw new Died();
      return answer;
    },
  };
};

/** Somebody else's transaction, in which something was done; open until its end is called. */
const holding = async ({ sdk, common }: Awaited<ReturnType<typeof startDataApi>>, database: string, sql: string) => {
  const { transactionId } = await sdk.send(new BeginTransactionCommand({ ...common, database }));
  await sdk.send(new ExecuteStatementCommand({ ...common, database, transactionId, sql }));
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = () => {
    const { resourceArn, secretArn } = common;
    void sdk.send(new CommitTransactionCommand({ resourceArn, secretArn, transactionId })).then(() => resolve());
  };
  return { end, ended };
};
