import { describe, expect, test } from 'vitest';
import { bench, migrationsOf } from './bench.ts';

const { database } = bench();

const three = {
  '1_one.sql': 'CREATE TABLE one (id int); INSERT INTO one VALUES (1);',
  '2_two.sql': 'CREATE TABLE two (id int);',
  '3_three.sql': 'INSERT INTO one VALUES (2);',
};

describe('applying transactional migrations', () => {
  test('brings an empty database to the newest one in two calls: one to install, one for all', async () => {
    const subject = await database();
    const before = subject.session.calls();
    const progress = await subject.apply(await migrationsOf(three));
    expect(progress).toMatchObject({ state: 'applied', applied: ['1', '2', '3'], failure: null });
    expect(subject.session.calls() - before).toBe(2);
    expect(await subject.value('SELECT sum(id) FROM one')).toBe('3');
  });

  test('does nothing the second time, and still tells what this run has applied', async () => {
    const subject = await database();
    const migrations = await migrationsOf(three);
    await subject.apply(migrations);
    const again = await subject.apply(migrations);
    expect(again).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
    expect(await subject.value('SELECT sum(id) FROM one')).toBe('3');
  });

  test('does not claim what an earlier run has applied', async () => {
    const subject = await database();
    const migrations = await migrationsOf(three);
    await subject.apply(migrations.slice(0, 2));
    const later = await subject.apply(migrations, { run: 'run-2', token: 2, installed: true });
    expect(later.applied).toEqual(['3']);
  });

  test('takes a failing migration back whole, keeps those before it, and says which statement failed', async () => {
    const subject = await database();
    const migrations = await migrationsOf({
      ...three,
      '4_bad.sql': 'CREATE TABLE four (id int);\nINSERT INTO four VALUES (1);\nINSERT INTO four VALUES (1 / 0);',
      '5_never.sql': 'CREATE TABLE five (id int);',
    });
    const progress = await subject.apply(migrations);
    expect(progress).toMatchObject({
      state: 'failed',
      applied: ['1', '2', '3'],
      failure: { migration: '4', statement: 3, sqlstate: '22012', message: 'division by zero' },
    });
    expect(await subject.value("SELECT to_regclass('four') IS NULL AND to_regclass('five') IS NULL")).toBe('true');
    expect(await subject.value("SELECT state FROM lockstep.history WHERE migration = '4'")).toBe('failed');
  });

  test('applies a migration once its file is mended', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf({ ...three, '4_bad.sql': 'SELECT 1 / 0' }));
    const mended = await subject.apply(await migrationsOf({ ...three, '4_bad.sql': 'SELECT 1 / 1' }), {
      token: 2,
      run: 'run-2',
    });
    expect(mended).toMatchObject({ state: 'applied', applied: ['4'] });
  });

  test('fails a deferred constraint within its migration, not afterwards', async () => {
    const subject = await database();
    const progress = await subject.apply(
      await migrationsOf({
        '1_parent.sql':
          'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);',
        '2_orphan.sql': 'INSERT INTO child VALUES (1);',
      }),
    );
    expect(progress).toMatchObject({ state: 'failed', applied: ['1'], failure: { migration: '2', sqlstate: '23503' } });
  });

  test('records a blank file as applied', async () => {
    const subject = await database();
    expect(await subject.apply(await migrationsOf({ '1_blank.sql': '\n-- nothing to do\n' }))).toMatchObject({
      applied: ['1'],
    });
    expect((await subject.inspect()).history).toMatchObject([{ migration: '1', state: 'applied' }]);
  });

  test('carries statements that look like placeholders, and ones longer than the Data API takes as SQL', async () => {
    const subject = await database();
    const long = 'x'.repeat(100_000);
    await subject.apply(
      await migrationsOf({
        '1_slice.sql': `CREATE FUNCTION f(a int[]) RETURNS int[] LANGUAGE plpgsql AS $$ DECLARE b int := 1; BEGIN RETURN a[1:2]; END $$;
          CREATE TABLE notes (body text); INSERT INTO notes VALUES ('${long}'), ($$ :b and :c $$);`,
      }),
    );
    expect(await subject.value("SELECT f('{1,2,3}')")).toBe('{1,2}');
    expect(await subject.value('SELECT max(length(body)) FROM notes')).toBe('100000');
    expect(await subject.value("SELECT count(*) FROM notes WHERE body = ' :b and :c '")).toBe('1');
  });
});

describe('what a migration sets in its session', () => {
  test('is gone afterwards: settings, search path, role, temporary tables', async () => {
    const subject = await database();
    const progress = await subject.apply(
      await migrationsOf({
        '1_leaky.sql':
          "CREATE SCHEMA elsewhere; SET search_path = elsewhere; SET work_mem = '77MB'; CREATE TEMP TABLE t (id int); CREATE TABLE here (id int);",
        '2_after.sql': 'CREATE TABLE there (id int);',
      }),
    );
    expect(progress.state).toBe('applied');
    expect(await subject.value("SELECT concat(to_regclass('elsewhere.here'), ' ', to_regclass('public.there'))")).toBe(
      'elsewhere.here there',
    );
    for (let session = 0; session < 5; session += 1) {
      expect(
        await subject.value(
          "SELECT concat_ws(' ', current_setting('work_mem'), current_setting('search_path'), current_setting('role'))",
        ),
      ).toBe('4MB "$user", public none');
    }
  });

  test('is not there for the migration after it either', async () => {
    const subject = await database();
    const progress = await subject.apply(
      await migrationsOf({ '1_temp.sql': 'CREATE TEMP TABLE t (id int);', '2_use.sql': 'INSERT INTO t VALUES (1);' }),
    );
    expect(progress).toMatchObject({ state: 'failed', applied: ['1'], failure: { migration: '2', sqlstate: '42P01' } });
  });

  test('never makes unqualified names mean the schema of Lockstep, even for a role of that name', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf({ '1_path.sql': 'SELECT 1' }));
    await subject.sql(`ALTER DATABASE ${subject.database.database} SET search_path = lockstep, public`);
    // Sessions opened before keep their path: a new one is wanted.
    await subject.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'rds-data-api'",
    );
    await subject.sql('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {});
    await subject.apply(await migrationsOf({ '1_path.sql': 'SELECT 1', '2_table.sql': 'CREATE TABLE mine (id int)' }), {
      installed: true,
    });
    expect(
      await subject.value("SELECT to_regclass('public.mine') IS NOT NULL AND to_regclass('lockstep.mine') IS NULL"),
    ).toBe('true');
  });
});

describe('a database that is not in the expected state', () => {
  test('refuses a migration that was edited after it was applied', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(three));
    const edited = await migrationsOf({ ...three, '2_two.sql': 'CREATE TABLE two (id bigint);' });
    await expect(subject.apply(edited)).rejects.toThrow(/2 was applied there with another content/);
  });

  test('refuses a migration whose predecessor is missing', async () => {
    const subject = await database();
    const migrations = await migrationsOf(three);
    await expect(subject.apply(migrations, { pending: ['2', '3'] })).rejects.toThrow(
      /2 can't be applied: not all that comes before it, up to 1, is/,
    );
    expect(await subject.value("SELECT to_regclass('two') IS NULL")).toBe('true');
  });

  test('refuses an old owner once a newer run has been there', async () => {
    const subject = await database();
    const migrations = await migrationsOf(three);
    await subject.apply(migrations.slice(0, 1), { token: 2, run: 'newer' });
    await expect(subject.apply(migrations, { token: 1, run: 'older', installed: true })).rejects.toThrow(
      /taken over by the newer run newer/,
    );
    expect(await subject.value("SELECT to_regclass('two') IS NULL")).toBe('true');
  });
});

test('16 callers at once apply everything exactly once', async () => {
  const subject = await database();
  const migrations = await migrationsOf({
    ...three,
    '4_more.sql': 'SELECT pg_sleep(0.05); INSERT INTO one VALUES (10);',
  });
  const until = async (): Promise<string[]> => {
    const { state, applied } = await subject.apply(migrations);
    return state === 'running' ? until() : applied;
  };
  const all = await Promise.all(Array.from({ length: 16 }, until));
  expect(new Set(all.map(String))).toEqual(new Set(['1,2,3,4']));
  expect(await subject.value('SELECT sum(id) FROM one')).toBe('13');
});
