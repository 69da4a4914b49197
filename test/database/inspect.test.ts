import { describe, expect, test } from 'vitest';
import { difference, sentence } from '../../lib/database/difference.ts';
import { objects } from '../../lib/database/objects.ts';
import { bench, type Subject } from './bench.ts';

const { database } = bench();

const base = [
  'CREATE SCHEMA shop',
  "CREATE TYPE shop.state AS ENUM ('new', 'paid')",
  'CREATE DOMAIN shop.price AS numeric(10, 2) CHECK (VALUE >= 0)',
  'CREATE TABLE shop.customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE)',
  "CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer bigint REFERENCES shop.customers, state shop.state DEFAULT 'new', total shop.price, CHECK (id > 0))",
  'CREATE INDEX orders_customer ON shop.orders (customer)',
  'CREATE SEQUENCE shop.numbers',
  'CREATE VIEW shop.open AS SELECT id FROM shop.orders',
  'CREATE FUNCTION shop.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'CREATE TRIGGER touch BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.f()',
  'CREATE POLICY mine ON shop.orders USING (id = 1)',
  "COMMENT ON COLUMN shop.orders.total IS 'with tax'",
];

const changes = [
  'ALTER TABLE shop.orders ADD note text',
  'ALTER TABLE shop.orders ALTER total SET NOT NULL',
  "ALTER TABLE shop.orders ALTER state SET DEFAULT 'paid'",
  'ALTER TABLE shop.customers ALTER email TYPE varchar(100)',
  'ALTER TABLE shop.orders DROP CONSTRAINT orders_id_check',
  'ALTER TABLE shop.orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID',
  'DROP INDEX shop.orders_customer',
  'CREATE INDEX other ON shop.orders (total)',
  'ALTER SEQUENCE shop.numbers INCREMENT 2',
  'CREATE OR REPLACE VIEW shop.open AS SELECT id FROM shop.orders WHERE id > 1',
  'CREATE OR REPLACE FUNCTION shop.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$',
  'ALTER TABLE shop.orders DISABLE TRIGGER touch',
  'DROP TRIGGER touch ON shop.orders',
  'ALTER POLICY mine ON shop.orders USING (id = 2)',
  'ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY',
  'GRANT SELECT ON shop.orders TO PUBLIC',
  "ALTER TYPE shop.state ADD VALUE 'sent'",
  'ALTER DOMAIN shop.price DROP CONSTRAINT price_check',
  "COMMENT ON COLUMN shop.orders.total IS 'without tax'",
  'CREATE EXTENSION citext',
  'ALTER TABLE shop.orders SET (fillfactor = 70)',
];

const built = async (statements: string[]): Promise<Subject> => {
  const subject = await database();
  for (const statement of statements) await subject.sql(statement);
  return subject;
};

const fingerprint = async (subject: Subject) => (await subject.inspect()).fingerprint;

describe('a fingerprint', () => {
  test('is the same for the same schema, whatever the order of creation', async () => {
    const another = [0, 2, 1, 3, 6, 4, 8, 10, 9, 7, 5, 11].map((index) => base[index]!);
    expect(await fingerprint(await built(another))).toBe(await fingerprint(await built(base)));
  });

  test('does not depend on data, on the search path, or on what Lockstep has installed', async () => {
    const subject = await built(base);
    const before = await fingerprint(subject);
    await subject.sql("INSERT INTO shop.customers (email) VALUES ('a@example.com')");
    await subject.sql(`ALTER DATABASE ${subject.database.database} SET search_path = shop, public`);
    await subject.apply([]);
    expect(await fingerprint(subject)).toBe(before);
  });

  test('is another one after each of these changes', async () => {
    const before = await fingerprint(await built(base));
    const subject = await built(base);
    const seen = new Map([[before, 'nothing']]);
    for (const change of changes) {
      await subject.sql(change);
      const after = await fingerprint(subject);
      expect(seen.get(after), `${change} shows no difference`).toBeUndefined();
      seen.set(after, change);
    }
  });
});

test('an inspection takes one call and changes nothing, with history or without', async () => {
  const subject = await built(base);
  const calls = subject.session.calls();
  const first = await subject.inspect();
  expect(subject.session.calls() - calls).toBe(1);
  expect(first).toMatchObject({ installed: false, history: [], invalidIndexes: [], notValidated: [] });
  expect(await subject.value("SELECT to_regnamespace('lockstep') IS NULL")).toBe('true');
  await subject.apply([]);
  expect(await subject.inspect()).toMatchObject({ installed: true, history: [], fingerprint: first.fingerprint });
});

test('an inspection names invalid indexes and constraints that are not validated', async () => {
  const subject = await built([
    ...base,
    'INSERT INTO shop.customers (email) VALUES ($$a$$), ($$b$$)',
    'ALTER TABLE shop.orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID',
  ]);
  await subject.sql('CREATE UNIQUE INDEX CONCURRENTLY broken ON shop.customers ((1))').catch(() => {});
  expect(await subject.inspect()).toMatchObject({
    invalidIndexes: ['shop.broken'],
    notValidated: ['shop.orders.positive'],
  });
});

test('the difference between two databases is read through the Data API, in as many answers as it takes', async () => {
  const [one, other] = [await built(base), await built([...base, 'DROP INDEX shop.orders_customer'])];
  const calls = one.session.calls();
  const { objects: expected } = await objects(one.session, one.database, { pageBytes: 2_000 });
  expect(one.session.calls() - calls).toBeGreaterThan(1);
  const { objects: found } = await objects(other.session, other.database);
  expect(difference(expected, found).map(sentence)).toEqual(['index shop.orders_customer is missing']);
});

test('a schema of long names still fits into the answers of the Data API', async () => {
  const subject = await built([
    `DO 'BEGIN FOR t IN 1..150 LOOP EXECUTE format(''CREATE TABLE public."%s" (%s)'', repeat(''"'', 60) || t,
       (SELECT string_agg(format(''"%s" integer'', repeat(''""'', 60) || c), '', '') FROM generate_series(1, 15) c)); END LOOP; END'`,
  ]);
  expect((await objects(subject.session, subject.database)).objects).toHaveLength(150 * 16 + 3);
});

test('a history of five thousand migrations fits into the rows of the Data API', async () => {
  const subject = await database();
  await subject.apply([]);
  await subject.sql(
    `INSERT INTO lockstep.history (migration, position, ordinal, name, checksum, mode, state, run, token, started_at)
     SELECT 'V' || n, n, n, 'migration ' || n, repeat('a', 64), 'transactional', 'applied', 'run', 1, now() FROM generate_series(1, 5000) n`,
  );
  const { history } = await subject.inspect();
  expect(history).toHaveLength(5_000);
  expect(history.at(-1)).toEqual({
    ...{ migration: 'V5000', position: 5_000, checksum: 'a'.repeat(64), state: 'applied', step: 0 },
    ...{ prefix: null, ordinal: 5_000, milliseconds: null },
  });
});
