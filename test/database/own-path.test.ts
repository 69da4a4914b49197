import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply } from '../../lib/database/apply.ts';
import { install } from '../../lib/database/schema.ts';
import type { Database } from '../../lib/database/session.ts';
import { failing } from '../../lib/database/verify.ts';
import { ids, migrationsOf } from './bench.ts';
import { installed, type Postgres, startPostgres } from './servers.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres((await installed(17)) ?? 'nowhere');
});
afterAll(() => postgres.stop());

/** What fits better what Lockstep's own functions call than PostgreSQL's own does, wherever it stands in the path. */
const operators = [
  ...['text || integer', 'text || bigint', 'numeric > bigint', 'bigint > numeric', 'numeric * integer', 'name <> text'],
  ...['double_precision * integer', 'double_precision * numeric', 'text = name', 'timestamptz > timestamp'],
].map((it) => it.split(' ').map((name) => name.replace('_', ' ')));
const functions = [
  ...['concat(text, text, integer)', 'concat(text, text, text)', 'concat_ws(text, text, bigint, bigint, text)'],
  ...['concat_ws(text, text, text, bigint, text)', 'to_jsonb(numeric)', 'unnest(name[])', 'quote_ident(name)'],
  ...[
    'jsonb_build_object(text, bigint)',
    'jsonb_build_object(text, jsonb)',
    'jsonb_build_object(text, text, text, text)',
  ],
  ...['jsonb_build_object(text, text, text, numeric, text, jsonb)', 'format(text, text, text)', 'count()'],
];

/** Whose path has them, for everybody who comes to it. */
const hijacked = async (name: string, schemas: string[]) => {
  const database = await postgres.copy(name);
  const never = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$somebody else was called$$; END'";
  await postgres.sql(
    name,
    'CREATE SCHEMA evil',
    'CREATE SCHEMA "Own"',
    ...functions.map((it) => `CREATE FUNCTION evil.${it} RETURNS boolean ${never}`),
    ...operators.flatMap(([left, operator, right], at) => [
      `CREATE FUNCTION evil.f${at}(${left}, ${right}) RETURNS boolean ${never}`,
      `CREATE OPERATOR evil.${operator} (FUNCTION = evil.f${at}, LEFTARG = ${left}, RIGHTARG = ${right})`,
    ]),
  );
  await postgres.sql(name, install());
  await postgres.sql('postgres', `ALTER DATABASE ${name} SET search_path = ${schemas.join(', ')}`);
  return database;
};

const applied = async (database: Database, files: Record<string, string>) => {
  const migrations = await migrationsOf(files);
  return apply(postgres.session, database, {
    ...{ migrations, pending: ids(migrations), installed: true, run: 'run-1', token: 1 },
    ...{ lockTimeout: '1s', statementTimeout: 30_000, lockPatience: 0, remaining: () => 20_000 },
    integrity: { rows: true, sequences: true },
  });
};

test.each([
  ['as it is', ['evil', '"Own"']],
  ['with Lockstep in it', ['evil', '"Own"', 'lockstep']],
])(
  "nobody's operators and functions but PostgreSQL's are called, whatever fits better in the path %s",
  async (_, schemas) => {
    const database = await hijacked(`path_${schemas.length}`, schemas);
    const files = { '1_t.sql': 'CREATE TABLE "Own".t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES' };
    expect(await applied(database, files)).toMatchObject({ state: 'applied' });
    const check = (name: string, sql: string) => ({
      ...{ name, file: `verify/${name}.sql`, checksum: '', when: 'after' as const, sql },
    });
    const checks = [
      check('own', 'TABLE t'),
      check('ours', 'TABLE history'),
      check('none', 'SELECT FROM t WHERE false'),
    ];
    expect(await failing(postgres.session, database, checks, { due: 'after', remaining: () => 240_000 })).toEqual([
      'verify/own.sql finds 1 row',
      expect.stringContaining('relation "history" does not exist'),
    ]);
  },
);
