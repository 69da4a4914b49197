import { describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/migrations/scan.ts';
import { bench, migrationsOf, type Subject } from '../database/bench.ts';
import { compiled } from '../helpers/sql.ts';

const { database } = bench();

/** Applies files, numbered as they come, and expects each to be applied. */
const applied = async (subject: Subject, ...files: string[]) => {
  const named = Object.fromEntries(files.map((sql, index) => [`${index + 1}_file.sql`, sql]));
  const progress = await subject.apply(await migrationsOf(named));
  expect(progress.failure).toBeNull();
  expect(progress.state).toBe('applied');
};

/** Runs a file's statements one by one, each committed by itself, as psql does. */
const asPsql = async (subject: Subject, ...statements: string[]) => {
  for (const sql of statements) await subject.sql(sql);
};

describe('what psql can apply is applied on PostgreSQL', () => {
  const mood = "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE people (mood mood)";
  const use = "INSERT INTO people VALUES ('x'), ('y')";

  it('a value added to an enum and used below', async () => {
    const subject = await database();
    await applied(subject, mood, `ALTER TYPE mood ADD VALUE 'x'; ALTER TYPE mood ADD VALUE 'y'; ${use};`);
    expect(await subject.value("SELECT string_agg(mood::text, ',') FROM people")).toBe('x,y');
  });

  it('a type, its new value and its use in one file', async () => {
    const subject = await database();
    await applied(subject, `${mood}; ALTER TYPE mood ADD VALUE 'x'; ALTER TYPE mood ADD VALUE 'y'; ${use};`);
    expect(await subject.value('SELECT count(*) FROM people')).toBe('2');
  });

  it('a value added in one transaction of the file and used in the next', async () => {
    const subject = await database();
    const add = "BEGIN; ALTER TYPE mood ADD VALUE 'x'; ALTER TYPE mood ADD VALUE 'y'; COMMIT";
    await applied(subject, mood, `${add}; BEGIN; ${use}; COMMIT;`);
    expect(await subject.value('SELECT count(*) FROM people')).toBe('2');
  });

  it('but not a value used in the very transaction, where psql fails as well', async () => {
    const subject = await database();
    const [add, sql] = ["ALTER TYPE mood ADD VALUE 'x'", "DO $$ BEGIN INSERT INTO people VALUES ('x'); END $$"];
    const progress = await subject.apply(
      await migrationsOf({ '1_a.sql': mood, '2_b.sql': `BEGIN; ${add}; ${sql}; COMMIT` }),
    );
    expect(progress.failure).toMatchObject({ migration: '2', sqlstate: '55P04' });
    expect(await subject.value("SELECT count(*) FROM pg_enum WHERE enumlabel = 'x'")).toBe('0');
  });

  it('transactions of a file, each by itself, with what it sets for the session', async () => {
    const subject = await database();
    await applied(
      subject,
      `CREATE SCHEMA app; SET search_path = app;
       BEGIN; CREATE TABLE one (id xid8 DEFAULT pg_current_xact_id()); INSERT INTO one DEFAULT VALUES; COMMIT;
       BEGIN; INSERT INTO one DEFAULT VALUES; INSERT INTO one DEFAULT VALUES; COMMIT AND CHAIN; INSERT INTO one DEFAULT VALUES; COMMIT`,
    );
    expect(await subject.value('SELECT count(DISTINCT id::text) FROM app.one')).toBe('3');
  });

  it('each statement by itself, where the author wants it so', async () => {
    const subject = await database();
    const insert = 'INSERT INTO t DEFAULT VALUES;';
    const table = 'CREATE TABLE t (id xid8 DEFAULT pg_current_xact_id());';
    await applied(subject, `-- lockstep: stepwise\n${table}${insert}${insert}`);
    expect(await subject.value('SELECT count(DISTINCT id::text) FROM t')).toBe('2');
  });

  it('a BEGIN ATOMIC body, slices, :x in a body, names that are not ASCII, nested comments, CRLF, a byte order mark', async () => {
    const subject = await database();
    await applied(
      subject,
      '\ufeff/* a /* b; */ c; */ CREATE FUNCTION größe(a int[]) RETURNS int[]\r\nLANGUAGE sql BEGIN ATOMIC SELECT a[1:2]; END;\r\n',
      "CREATE FUNCTION text_of() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN ':x' || (ARRAY['a','b'])[1:1]::text; END $$",
      'CREATE TABLE "表" AS SELECT größe(ARRAY[1, 2, 3]) AS "é", text_of() AS t',
      '-- nothing\r\n',
      '',
    );
    expect(await subject.value('SELECT "é"::text || t FROM "表"')).toBe('{1,2}:x{a}');
  });

  it('a statement longer than 64 KiB', async () => {
    const subject = await database();
    await applied(subject, `CREATE TABLE t AS SELECT '${'x'.repeat(200_000)}' AS x`);
    expect(await subject.value('SELECT length(x) FROM t')).toBe('200000');
  });
});

describe('SELECT INTO on PostgreSQL', () => {
  const catalog = `SELECT string_agg(concat_ws(' ', c.relpersistence, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), '; ' ORDER BY a.attnum)
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.oid = 'made'::regclass`;
  const base = "CREATE TABLE base (id int PRIMARY KEY, name varchar(5)); INSERT INTO base VALUES (1, 'a'), (2, 'b')";

  it.each([
    'SELECT * INTO made FROM base',
    'SELECT id + 1 AS next, name INTO UNLOGGED TABLE public.made FROM base WHERE id > 1',
    'WITH q AS (SELECT name FROM base) SELECT name, count(*) INTO made FROM q GROUP BY name UNION SELECT NULL, 0',
    'SELECT INTO made FROM base',
  ])('makes the table that psql makes: %s', async (sql) => {
    const [ours, reference] = [await database(), await database()];
    await applied(ours, base, sql);
    await asPsql(reference, ...base.split('; '), sql);
    const rows = "SELECT string_agg(m::text, ',' ORDER BY m::text) FROM made m";
    expect(await ours.value(catalog)).toBe(await reference.value(catalog));
    expect(await ours.value(rows)).toBe(await reference.value(rows));
    expect(await ours.value('SELECT count(*) FROM made')).not.toBe('0');
  });

  it('makes a temporary one for the transaction that uses it', async () => {
    const subject = await database();
    await applied(
      subject,
      base,
      'SELECT * INTO TEMP made FROM base; CREATE TABLE kept AS SELECT * FROM made; VACUUM kept',
    );
    expect(await subject.value('SELECT count(*) FROM kept')).toBe('2');
    expect(await subject.value("SELECT to_regclass('made')")).toBeUndefined();
  });
});

describe('an index without a name', () => {
  const long = 'x'.repeat(40);
  it.each([
    't (a)',
    't (a, b DESC)',
    't USING gin (d)',
    't (lower(c), (a + b), (a * 2)) INCLUDE (a)',
    "t (a, coalesce(b, 1), coalesce(a, 1), (c IS NULL), (c LIKE 'a%'))",
    `${long} (${long}_1)`,
    `größe_表_${long} ("Größe und 表 ${long}", "é ü ${long}")`,
    '"A ""b" ("C d")',
    't (a) WHERE b > 1',
  ])('is built under the name that PostgreSQL chooses: %s', async (on) => {
    await loadParser();
    const subject = await database();
    await asPsql(
      subject,
      'CREATE TABLE t (a int, b int, c text, d int[])',
      `CREATE TABLE ${long} (${long}_1 int)`,
      `CREATE TABLE größe_表_${long} ("Größe und 表 ${long}" int, "é ü ${long}" int)`,
      'CREATE TABLE "A ""b" ("C d" int)',
    );
    const sql = `CREATE INDEX CONCURRENTLY ON ${on}`;
    const { settles } = compiled(sql).statements[0]!;
    await subject.sql(sql);
    const chosen = await subject.value(
      "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid >= 16384 AND NOT indisprimary AND indrelid::regclass::text !~ 'lockstep|pg_'",
    );
    expect(settles).toMatchObject({ by: 'index present', index: unquoted(chosen!) });
  });

  it('is built once', async () => {
    const subject = await database();
    await applied(subject, 'CREATE TABLE t (a int)', 'CREATE INDEX CONCURRENTLY ON t (a)');
    expect(await subject.value("SELECT string_agg(indexname, ',') FROM pg_indexes WHERE tablename = 't'")).toBe(
      't_a_idx',
    );
  });
});

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);
