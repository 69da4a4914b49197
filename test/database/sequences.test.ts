import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply } from '../../lib/database/apply.ts';
import type { Database, Session } from '../../lib/database/session.ts';
import { ids, migrationsOf } from './bench.ts';
import { installed, type Postgres, startPostgres } from './servers.ts';

const packages = await Promise.all([13, 15, 17, 18].map(async (major) => [major, await installed(major)] as const));
const present = packages.flatMap(([major, folder]) => (folder ? [{ major, folder }] : []));

const roles = "CREATE TABLE roles (id serial PRIMARY KEY, name text, CHECK (name <> 'never'));";

/** What is there before, and what a migration puts in behind a sequence's back. */
const sound: [string, string, string][] = [
  [
    'was set to a number not given out yet',
    roles,
    "INSERT INTO roles VALUES (7, 'a'); SELECT setval('roles_id_seq', 8, false);",
  ],
  ['was restarted', roles, "INSERT INTO roles VALUES (7, 'a'); ALTER SEQUENCE roles_id_seq RESTART WITH 8;"],
  [
    'has had a high number before it all along',
    `${roles} INSERT INTO roles (name) VALUES ('a'); INSERT INTO roles VALUES (1000000, 'the system');`,
    "INSERT INTO roles (name) SELECT 'b' FROM generate_series(1, 5);",
  ],
  [
    'ran into a row of before already',
    `${roles} INSERT INTO roles VALUES (1, 'theirs'), (2, 'theirs');`,
    "INSERT INTO roles VALUES (3, 'ours');",
  ],
  [
    'has an index that holds for some rows only',
    'CREATE TABLE roles (id serial, name text); CREATE UNIQUE INDEX ON roles (id) WHERE name IS NULL;',
    "INSERT INTO roles VALUES (1, 'a');",
  ],
  [
    'was given out and the insert was taken back in part',
    roles,
    "DO $$ BEGIN INSERT INTO roles VALUES (9, 'x'), (10, 'never'); EXCEPTION WHEN check_violation THEN NULL; END $$; INSERT INTO roles (name) VALUES ('y');",
  ],
  [
    'is nearly at its end',
    `CREATE TABLE roles (id bigserial PRIMARY KEY); SELECT setval('roles_id_seq', 9223372036854775807);`,
    'INSERT INTO roles VALUES (1);',
  ],
];

const behind: [string, string, string][] = [
  ['was never used', roles, "INSERT INTO roles VALUES (1, 'a'), (7, 'b');"],
  [
    'is met in a subtransaction',
    roles,
    "DO $$ BEGIN FOR n IN 1 .. 3 LOOP BEGIN INSERT INTO roles VALUES (n, 'a'); EXCEPTION WHEN check_violation THEN NULL; END; END LOOP; END $$;",
  ],
  [
    'meets a row of this migration below a high one of before',
    `${roles} INSERT INTO roles VALUES (1000000, 'the system'); SELECT setval('roles_id_seq', 5);`,
    "INSERT INTO roles VALUES (6, 'a'), (7, 'b');",
  ],
  ['was restarted too low', roles, "INSERT INTO roles VALUES (7, 'a'); ALTER SEQUENCE roles_id_seq RESTART WITH 7;"],
  [
    'counts for the partitions of a table',
    'CREATE TABLE roles (id serial, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k); CREATE TABLE r1 PARTITION OF roles FOR VALUES IN (1); CREATE TABLE r2 PARTITION OF roles FOR VALUES IN (2);',
    'INSERT INTO roles VALUES (1, 1), (2, 2);',
  ],
];

describe.each(present)('on PostgreSQL $major, a sequence that', ({ major, folder }) => {
  let postgres: Postgres;
  let databases = 0;
  beforeAll(async () => {
    postgres = await startPostgres(folder);
  });
  afterAll(() => postgres.stop());

  const empty = () => {
    databases += 1;
    return postgres.copy(`s${major}_${databases}`);
  };
  const applied = async (session: Session, database: Database, files: Record<string, string>, token: number) => {
    const migrations = await migrationsOf(files);
    return apply(session, database, {
      ...{ migrations, pending: ids(migrations), installed: token > 1, run: `run-${token}`, token },
      ...{ lockTimeout: '1s', statementTimeout: 0, lockPatience: 0, remaining: () => 240_000 },
      integrity: { rows: false, sequences: token > 1 },
    });
  };
  const outcome = async (before: string, sql: string) => {
    const database = await empty();
    const once = (files: Record<string, string>, token: number) => applied(postgres.session, database, files, token);
    expect(await once({ '1_before.sql': before }, 1)).toMatchObject({ state: 'applied' });
    return once({ '1_before.sql': before, '2_it.sql': sql }, 2);
  };

  test.each(sound)('%s is left alone', async (_, before, sql) => {
    expect(await outcome(before, sql)).toMatchObject({ state: 'applied' });
  });

  test.each(behind)('%s is refused', async (_, before, sql) => {
    const { state, failure } = await outcome(before, sql);
    expect([state, failure?.sqlstate]).toEqual(['failed', '23000']);
    expect(failure?.message).toMatch(
      /^sequence public\.roles_id_seq would give out \d+ next, but public\.roles\.id goes up to \d+/,
    );
  });

  test('may not be looked at is left alone', async () => {
    const database = await empty();
    await postgres.sql(
      database.database,
      'CREATE ROLE plain LOGIN',
      `GRANT CREATE ON DATABASE ${database.database} TO plain`,
      roles,
      'GRANT SELECT, INSERT ON roles TO plain',
    );
    const session = postgres.as('plain');
    expect(await applied(session, database, { '1_none.sql': 'SELECT 1' }, 1)).toMatchObject({ state: 'applied' });
    const files = { '1_none.sql': 'SELECT 1', '2_it.sql': "INSERT INTO roles VALUES (1, 'a');" };
    expect(await applied(session, database, files, 2)).toMatchObject({ state: 'applied' });
  });
});
