import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { difference, sentence } from '../../lib/database/difference.ts';
import { inspect } from '../../lib/database/inspect.ts';
import { objects, type SchemaObject } from '../../lib/database/objects.ts';
import { install } from '../../lib/database/schema.ts';
import type { Database } from '../../lib/database/session.ts';
import { corruptions } from './corruptions.ts';
import { everything } from './everything.ts';
import { installed, type Postgres, startPostgres } from './servers.ts';

let postgres: Postgres;
let whole: Database;
let expected: SchemaObject[];
let fingerprint: string;

beforeAll(async () => {
  postgres = await startPostgres((await installed(17)) ?? 'nowhere');
  whole = await postgres.copy('whole');
  await postgres.sql('whole', ...everything);
  expected = await read(whole);
  fingerprint = (await inspect(postgres.session, whole)).fingerprint;
});

afterAll(() => postgres.stop());

const read = async (database: Database, pageBytes?: number) =>
  (await objects(postgres.session, database, pageBytes === undefined ? {} : { pageBytes })).objects;

describe('a database with everything a migration can make', () => {
  test.for(corruptions.map((it, index) => [it.sql.join('; '), it, index] as const))(
    'shows it: %s',
    async ([, { sql, told }, index]) => {
      const name = `corrupt_${index}`;
      const corrupt = await postgres.copy(name, 'whole');
      await postgres.sql(name, ...sql);
      expect((await inspect(postgres.session, corrupt)).fingerprint).not.toBe(fingerprint);
      expect(difference(expected, await read(corrupt)).map(sentence)).toEqual(told);
      await postgres.sql('postgres', `DROP DATABASE ${name}`);
    },
  );
});

/** Statements in whatever order, each repeated until what it builds on is there. */
const build = async (name: string, statements: string[]) => {
  for (let left = statements; left.length > 0; ) {
    const again: string[] = [];
    for (const statement of left) await postgres.sql(name, statement).catch(() => again.push(statement));
    if (again.length === left.length) throw new Error(`impossible: ${again.join('; ')}`);
    left = again;
  }
};

const differences = async (database: Database) => difference(expected, await read(database)).map(sentence);

describe('a schema shows no difference', () => {
  test('whatever the order in which it was made', async () => {
    // What is inherited by later tables, or granted on them, does depend on the order.
    const statements = everything.filter((it) => !/old_orders|DEFAULT PRIVILEGES/.test(it));
    const reference = await postgres.copy('reference');
    await postgres.sql('reference', ...statements);
    const before = await read(reference);
    let runs = 0;
    const anyOrder = fc.shuffledSubarray(statements, { minLength: statements.length });
    await fc.assert(
      fc.asyncProperty(anyOrder, async (order) => {
        runs += 1;
        const database = await postgres.copy(`shuffled_${runs}`);
        await build(`shuffled_${runs}`, order);
        expect(difference(before, await read(database)).map(sentence)).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });

  test('whatever rows and statistics it has, and wherever its sequences stand', async () => {
    const filled = await postgres.copy('filled', 'whole');
    await postgres.sql(
      'filled',
      "INSERT INTO shop.customers (email) VALUES ('a@example.com')",
      "INSERT INTO shop.orders (customer, note) SELECT id, 'y' FROM shop.customers",
      "SELECT setval('shop.numbers', 77)",
      'REFRESH MATERIALIZED VIEW shop.totals',
      'ANALYZE',
    );
    expect(await differences(filled)).toEqual([]);
  });

  test('whatever a session of it is set to', async () => {
    const set = await postgres.copy('set', 'whole');
    await postgres.sql(
      'set',
      'ALTER DATABASE set SET search_path = shop, public',
      "ALTER DATABASE set SET timezone = 'Asia/Tokyo'",
      "ALTER DATABASE set SET intervalstyle = 'iso_8601'",
      "ALTER DATABASE set SET datestyle = 'German'",
      'ALTER DATABASE set SET quote_all_identifiers = on',
      'ALTER DATABASE set SET extra_float_digits = -5',
      "ALTER DATABASE set SET bytea_output = 'escape'",
    );
    expect(await differences(set)).toEqual([]);
  });

  test('whoever owns it', async () => {
    await postgres.sql('postgres', 'CREATE ROLE tenant SUPERUSER', 'CREATE DATABASE owned OWNER tenant');
    await postgres.sql('owned', 'SET ROLE tenant', ...everything);
    expect(await differences({ ...whole, database: 'owned' })).toEqual([]);
  });

  test('though privileges were granted and taken back', async () => {
    const wavering = await postgres.copy('wavering', 'whole');
    await postgres.sql(
      'wavering',
      ...['GRANT ALL ON shop.customers TO reader', 'REVOKE ALL ON shop.customers FROM reader'],
      ...['GRANT SELECT (email) ON shop.customers TO reader'],
      ...['GRANT EXECUTE ON FUNCTION shop.touch() TO reader', 'REVOKE EXECUTE ON FUNCTION shop.touch() FROM reader'],
    );
    expect(await differences(wavering)).toEqual(['grants on column shop.customers.name are missing']);
    await postgres.sql('wavering', 'GRANT UPDATE (name) ON shop.customers TO reader');
    expect(await differences(wavering)).toEqual([]);
  });

  test('with Lockstep installed, or with what belongs to Aurora', async () => {
    const installed = await postgres.copy('with_lockstep', 'whole');
    await postgres.sql(
      'with_lockstep',
      install(),
      'ALTER DEFAULT PRIVILEGES IN SCHEMA lockstep GRANT SELECT ON TABLES TO reader',
    );
    await postgres.sql('postgres', 'CREATE ROLE rdsadmin SUPERUSER');
    await postgres.sql(
      'with_lockstep',
      'SET ROLE rdsadmin',
      'CREATE SCHEMA aws',
      'CREATE TABLE aws.internal (id integer)',
      'CREATE FUNCTION public.internal() RETURNS integer LANGUAGE sql RETURN 1',
    );
    expect(await differences(installed)).toEqual([]);
  });
});

test('an index that was never finished is invalid, and named', async () => {
  const half = await postgres.copy('half', 'whole');
  await postgres.sql(
    'half',
    "INSERT INTO shop.customers (email, born) VALUES ('a', '2000-01-01'), ('b', '2000-01-01')",
  );
  await postgres.sql('half', 'CREATE UNIQUE INDEX CONCURRENTLY birthdays ON shop.customers (born)').catch(() => {});
  expect((await inspect(postgres.session, half)).invalidIndexes).toEqual(['shop.birthdays']);
  const whenValid = await postgres.copy('valid', 'whole');
  await postgres.sql('valid', 'CREATE UNIQUE INDEX birthdays ON shop.customers (born)');
  const found = difference(await read(whenValid), await read(half));
  expect(found.map(sentence)).toEqual(['index shop.birthdays is different']);
});

test('the objects are the same in one page and in many', async () => {
  const calls = postgres.session.calls();
  expect(await read(whole, 2_000)).toEqual(expected);
  expect(postgres.session.calls() - calls).toBeGreaterThan(10);
  const [first, second] = await read(await postgres.copy('tiny'), 1);
  expect([first?.object, second?.object]).toEqual(['extension plpgsql', 'grants on schema public']);
});

describe('a difference', () => {
  const object = (name: string, parent: string | null = null, hash = 'a') => ({ object: name, parent, hash });

  test('of equal schemas is nothing, whatever their order', () => {
    const some = [object('table a'), object('table b')];
    expect(difference(some, some.toReversed())).toEqual([]);
  });

  test('tells first what is missing, then what is not expected, then what is different, each by name', () => {
    const was = [object('table d'), object('table c'), object('index z'), object('index y')];
    const is = [object('table b'), object('table a'), object('index z', null, 'b'), object('index y', null, 'b')];
    expect(difference(was, is).map(sentence)).toEqual([
      'table c is missing',
      'table d is missing',
      'table a is not expected',
      'table b is not expected',
      'index y is different',
      'index z is different',
    ]);
  });

  test('leaves out the parts of what is missing or not expected itself', () => {
    const table = [object('schema s'), object('table s.t', 'schema s'), object('column s.t.a', 'table s.t')];
    expect(difference(table, [])).toEqual([{ object: 'schema s', is: 'missing' }]);
    expect(difference([], table)).toEqual([{ object: 'schema s', is: 'not expected' }]);
    expect(difference(table, table.slice(0, 1)).map(sentence)).toEqual(['table s.t is missing']);
  });
});
