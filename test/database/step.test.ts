import { describe, expect, test } from 'vitest';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { bench, dyingAt, migrationsOf, type Subject } from './bench.ts';

const { database } = bench();

const files = {
  '1_table.sql': 'CREATE TABLE one (id int); INSERT INTO one SELECT generate_series(1, 100);',
  '2_index.sql': 'CREATE INDEX CONCURRENTLY one_id ON one (id);',
  '3_after.sql': 'INSERT INTO one VALUES (1000);',
};

const valid = (index: string) => `SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('${index}')`;

describe('a stepwise migration', () => {
  test('runs between transactional ones, and history says applied', async () => {
    const subject = await database();
    expect(await subject.apply(await migrationsOf(files))).toMatchObject({
      state: 'applied',
      applied: ['1', '2', '3'],
    });
    expect(await subject.value(valid('one_id'))).toBe('true');
  });

  test('mixes with transactional statements of its own, in order', async () => {
    const subject = await database();
    const progress = await subject.apply(
      await migrationsOf({
        '1_mixed.sql': `CREATE TABLE one (id int); CREATE INDEX CONCURRENTLY one_id ON one (id);
          ALTER TABLE one ADD name text; UPDATE one SET name = 'x'; VACUUM one; CREATE TABLE two (id int);`,
      }),
    );
    expect(progress).toMatchObject({ state: 'applied', applied: ['1'] });
    expect(
      await subject.value(
        "SELECT concat(step, state, jsonb_array_length(timings)) FROM lockstep.history WHERE migration = '1'",
      ),
    ).toBe('6applied6');
  });

  test('that fails leaves no invalid index, says where, and can be mended', async () => {
    const subject = await database();
    const bad = await migrationsOf({
      ...files,
      '2_index.sql': 'CREATE UNIQUE INDEX CONCURRENTLY one_id ON one ((id / 2));',
    });
    expect(await subject.apply(bad)).toMatchObject({
      state: 'failed',
      applied: ['1'],
      failure: { migration: '2', statement: 1, sqlstate: '23505' },
    });
    expect(await subject.value("SELECT to_regclass('one_id') IS NULL")).toBe('true');
    expect(await subject.apply(await migrationsOf(files), { token: 2, run: 'run-2' })).toMatchObject({
      applied: ['2', '3'],
    });
    expect(await subject.value(valid('one_id'))).toBe('true');
  });
});

describe('a caller that dies', () => {
  // Install, run, begin, the statement, end, run: whatever call is the last one, the next caller ends the work.
  const deaths = [1, 2, 3, 4, 5, 6].flatMap((call) => (['before', 'after'] as const).map((when) => ({ call, when })));

  test.each(deaths)('$when call $call leaves everything for the next one to end, once', async ({ call, when }) => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(call, when, subject.session)).catch(() => {});
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations)).toBe('applied');
    expect(await subject.value('SELECT concat(count(*), $$ $$, sum(id)) FROM one')).toBe('101 6050');
    expect(await subject.value(valid('one_id'))).toBe('true');
    expect((await subject.inspect()).history.map(({ migration, state }) => `${migration} ${state}`)).toEqual([
      '1 applied',
      '2 applied',
      '3 applied',
    ]);
  });

  test('after writing its intent keeps others waiting until it is surely dead', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
    expect(await subject.apply(migrations)).toMatchObject({ state: 'running', applied: ['1'] });
    expect(await subject.value("SELECT to_regclass('one_id') IS NULL")).toBe('true');
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations)).toBe('applied');
  });

  test('leaving an invalid index has it dropped and built again', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
    await subject.sql('CREATE UNIQUE INDEX CONCURRENTLY one_id ON one ((1))').catch(() => {});
    expect(await subject.value(valid('one_id'))).toBe('false');
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations)).toBe('applied');
    expect(await subject.value(valid('one_id'))).toBe('true');
  });

  test('before an index of that name is built does not take one that stood there already for it', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations.slice(0, 1));
    await subject.sql('CREATE INDEX one_id ON one ((id + 1))');
    await subject.apply(migrations, { installed: true }, dyingAt(3, 'before', subject.session)).catch(() => {});
    await afterDeadline(subject);
    expect(await subject.apply(migrations)).toMatchObject({
      state: 'failed',
      failure: { migration: '2', sqlstate: '42P07' },
    });
    expect(await subject.value(valid('one_id'))).toBe('true');
  });

  test('in a statement that nothing in the catalog tells of leaves it in doubt, for a person to decide', async () => {
    const subject = await database();
    const doubtful = await migrationsOf({
      '1_table.sql':
        'CREATE TABLE one (id int); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO one VALUES (1); COMMIT; END $$;',
      '2_call.sql': 'CALL p();',
    });
    await subject.apply(doubtful, {}, dyingAt(4, 'after', subject.session)).catch(() => {});
    await afterDeadline(subject);
    const progress = await subject.apply(doubtful);
    expect(progress).toMatchObject({ state: 'failed', failure: { migration: '2', statement: 1 } });
    expect(progress.failure?.message).toMatch(/in doubt/);
    expect(await subject.value('SELECT count(*) FROM one')).toBe('1');
  });
});

/** Puts the intent's deadline into the past, as if the time had gone by. */
const afterDeadline = (subject: Subject) =>
  subject
    .sql(
      `UPDATE lockstep.history SET intent = jsonb_set(intent, '{deadline}', to_jsonb(now() - interval '1 second')) WHERE intent IS NOT NULL`,
    )
    .catch(() => {});

const untilDone = async (subject: Subject, migrations: Migration[]): Promise<string> => {
  const { state } = await subject.apply(migrations);
  return state === 'running' ? untilDone(subject, migrations) : state;
};
