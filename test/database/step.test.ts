import { describe, expect, test } from 'vitest';
import { afterDeadline, bench, dyingAt, migrationsOf, untilDone } from './bench.ts';

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

test('a block that has committed a part and then met with a conflict is not sent again unasked', async () => {
  const subject = await database();
  const progress = await subject.apply(
    await migrationsOf({
      '1_table.sql': 'CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);',
      '2_block.sql': `DO $$ BEGIN UPDATE counter SET n = n + 1; COMMIT; RAISE serialization_failure; END $$;`,
    }),
    { lockPatience: 3_000 },
  );
  expect(progress).toMatchObject({ state: 'failed', failure: { migration: '2', sqlstate: '40001' } });
  expect(progress.failure?.message).toMatch(/what it had committed before that stands/);
  expect(await subject.value('SELECT n FROM counter')).toBe('1');
});

describe('a caller that dies', () => {
  // Install, run, begin, the statement, end, run: whatever call is the last one, the next caller ends the work.
  const deaths = [1, 2, 3, 4, 5, 6].flatMap((call) => (['before', 'after'] as const).map((when) => ({ call, when })));

  test.each(deaths)('$when call $call leaves everything for the next one to end, once', async ({ call, when }) => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(call, when, subject.session)).catch(() => {});
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied' });
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
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied' });
  });

  test('leaving an invalid index has it dropped and built again', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
    await subject.sql('CREATE UNIQUE INDEX CONCURRENTLY one_id ON one ((1))').catch(() => {});
    expect(await subject.value(valid('one_id'))).toBe('false');
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied' });
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

  test('leaves one of many who come after it to look what came of it: none undoes what another has done', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
    await subject.sql('CREATE UNIQUE INDEX CONCURRENTLY one_id ON one ((1))').catch(() => {});
    await afterDeadline(subject);
    const all = await Promise.all(Array.from({ length: 8 }, () => untilDone(subject, migrations)));
    expect(all.map(({ state, failure }) => ({ state, failure }))).toEqual(
      Array.from({ length: 8 }, () => ({ state: 'applied', failure: null })),
    );
    expect(await subject.value(valid('one_id'))).toBe('true');
  });

  test('while it cleans up keeps others waiting until what it has sent is over', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
    await subject.sql('CREATE UNIQUE INDEX CONCURRENTLY one_id ON one ((1))').catch(() => {});
    await afterDeadline(subject);
    // Whoever has a snapshot keeps an index from being dropped concurrently.
    const reader = subject.sql("DO 'BEGIN PERFORM count(*) FROM one; PERFORM pg_sleep(1.5); END'");
    await expect.poll(() => subject.value("SELECT count(*) FROM pg_locks WHERE relation = 'one'::regclass")).toBe('1');
    const cleaning = subject.apply(migrations);
    const drops =
      "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^/[*] lockstep .*DROP INDEX' AND state = 'active'";
    await expect.poll(() => subject.value(`${drops} AND pid <> pg_backend_pid()`)).toBe('1');
    await afterDeadline(subject);
    expect(await subject.apply(migrations)).toMatchObject({ state: 'running' });
    await Promise.all([reader, cleaning]);
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied' });
    expect(await subject.value(valid('one_id'))).toBe('true');
  });

  test('before its statement is known to have run does not let that be edited', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(files), {}, dyingAt(4, 'after', subject.session)).catch(() => {});
    await afterDeadline(subject);
    for (const other of ['CREATE INDEX CONCURRENTLY two_id ON one (id);', 'CREATE INDEX two_id ON one (id);'])
      await expect(subject.apply(await migrationsOf({ ...files, '2_index.sql': other }))).rejects.toThrow(
        /2 was edited while nobody knows yet what became of a statement/,
      );
    expect(await untilDone(subject, await migrationsOf(files))).toMatchObject({ state: 'applied' });
  });
});
