import { describe, expect, test } from 'vitest';
import type { Session } from '../../lib/database/session.ts';
import { watch } from '../../lib/database/watch.ts';
import { afterDeadline, bench, dyingAt, migrationsOf, type Subject, untilDone } from './bench.ts';

const { database } = bench();
const brief = bench({}, { callTimeoutMilliseconds: 1_000 });

const files = {
  '1_table.sql': 'CREATE TABLE items (id int); INSERT INTO items SELECT generate_series(1, 100);',
  '2_index.sql': 'CREATE INDEX CONCURRENTLY items_id ON items (id);',
  '3_after.sql': 'INSERT INTO items VALUES (1000);',
};

const valid = (index: string) => `SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('${index}')`;

/** A session that falls asleep once, before it sends or after it got the answer to what begins so. */
const sleeper = (inner: Session, when: 'before' | 'after', beginning: string) => {
  const { promise: morning, resolve: wake } = Promise.withResolvers<void>();
  const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>();
  let slept = false;
  const sent: string[] = [];
  const session: Session = {
    ...inner,
    async execute(...args) {
      const now = !slept && args[1].startsWith(beginning);
      const sleep = async () => {
        slept = true;
        fallAsleep();
        await morning;
      };
      if (now && when === 'before') await sleep();
      sent.push(args[1]);
      try {
        return await inner.execute(...args);
      } finally {
        if (now && when === 'after') await sleep();
      }
    },
  };
  return { session, asleep, wake, sent };
};

const newer = { run: 'newer', token: 2, installed: true };

describe('an old owner that wakes up when a newer one has taken over', () => {
  test('before a transaction changes nothing', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply([]);
    const { session, asleep, wake } = sleeper(subject.session, 'before', 'CALL lockstep.run');
    const old = subject.apply(migrations, { installed: true }, session);
    old.catch(() => {});
    await asleep;
    await subject.apply(migrations.slice(0, 1), newer);
    wake();
    await expect(old).rejects.toThrow(/taken over by the newer run newer/);
    expect((await subject.inspect()).history.map(({ migration }) => migration)).toEqual(['1']);
    expect(await untilDone(subject, migrations, newer)).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
  });

  test('before it announces a statement changes nothing', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    const { session, asleep, wake, sent } = sleeper(subject.session, 'before', 'SELECT lockstep.begin_step');
    const old = subject.apply(migrations, {}, session);
    old.catch(() => {});
    await asleep;
    await subject.apply(migrations, newer);
    wake();
    await expect(old).rejects.toThrow(/taken over by the newer run newer/);
    expect(sent.filter((sql) => sql.startsWith('/*'))).toEqual([]);
    expect(await subject.value(valid('items_id'))).toBe('true');
  });

  test('after it announced a statement does not send it, nor undo what the newer one did', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    let left = 240_000;
    const { session, asleep, wake, sent } = sleeper(subject.session, 'after', 'SELECT lockstep.begin_step');
    const old = subject.apply(migrations, { remaining: () => left }, session);
    await asleep;
    expect(await subject.apply(migrations, newer)).toMatchObject({ state: 'running' });
    await afterDeadline(subject);
    left = -1;
    expect(await untilDone(subject, migrations, newer)).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    wake();
    expect(await old).toMatchObject({ state: 'running', applied: ['1'] });
    expect(sent.filter((sql) => sql.startsWith('/*'))).toEqual([]);
    expect(await subject.value(valid('items_id'))).toBe('true');
    expect(await subject.value('SELECT count(*) FROM items')).toBe('101');
  });

  test('with a failed statement neither drops nor withdraws what another caller of the same run has built since', async () => {
    const subject = await database();
    const migrations = await migrationsOf({
      ...files,
      '2_index.sql': 'CREATE UNIQUE INDEX CONCURRENTLY items_id ON items (id);',
    });
    await subject.apply(migrations.slice(0, 1));
    await subject.sql('INSERT INTO items VALUES (1)');
    const { session, asleep, wake } = sleeper(subject.session, 'after', '/* lockstep');
    const old = subject.apply(migrations, { installed: true }, session);
    await asleep;
    await subject.sql('DELETE FROM items WHERE ctid IN (SELECT max(ctid) FROM items WHERE id = 1)');
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied' });
    wake();
    expect(await old).toMatchObject({ state: 'failed', failure: { migration: '2', sqlstate: '23505' } });
    expect(await subject.value(valid('items_id'))).toBe('true');
    expect((await subject.inspect()).history.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied']);
  });
});

test('while a statement of another migration may still be sent, or is at work, nothing is taken back or passed', async () => {
  const subject = await database();
  const migrations = await migrationsOf({
    ...{ '1_table.up.sql': files['1_table.sql'], '1_table.down.sql': 'DROP TABLE items;' },
    '2_index.up.sql': files['2_index.sql'],
  });
  await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
  const back = { ...newer, run: 'back', direction: 'down' as const, pending: ['1'] };
  expect(await subject.apply(migrations, back)).toMatchObject({ state: 'running', applied: [] });
  expect(await subject.value("SELECT to_regclass('items') IS NOT NULL")).toBe('true');
  await afterDeadline(subject);
  const statement = subject.sql('/* lockstep 0 2#1 0b4ff94e-6b52-4b9e-a2a1-0a9b1b6d8f30 */ SELECT pg_sleep(1)');
  await atWork(subject, '2#1');
  expect(await subject.apply(migrations, back)).toMatchObject({ state: 'running', waiting: { place: '2#1' } });
  await statement;
  expect(await subject.apply(migrations, back)).toMatchObject({ state: 'applied', applied: ['1'] });
});

const terminate = (subject: Subject) =>
  subject.value(
    "SELECT bool_or(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND (query LIKE '/* lockstep %' OR application_name LIKE 'lockstep %')",
  );

const atWork = async (subject: Subject, place: string) => {
  await expect.poll(async () => (await watch(subject.session, subject.database))[0]?.place).toBe(place);
};

describe('an operator who breaks a run off', () => {
  test('in a transaction leaves it undone, and the next call does it', async () => {
    const subject = await database();
    const slow = { ...files, '3_after.sql': 'INSERT INTO items VALUES (1000); SELECT pg_sleep(1);' };
    const migrations = await migrationsOf(slow);
    const first = subject.apply(migrations).catch(() => {});
    await atWork(subject, '3#2');
    await terminate(subject);
    await first;
    const { history } = await subject.inspect();
    expect(history.map(({ state }) => state)).not.toContain('running');
    expect(await untilDone(subject, migrations, newer)).toMatchObject({ state: 'applied' });
    expect(await subject.value('SELECT count(*) FROM items')).toBe('101');
  });

  test('while an index is built leaves no invalid one behind, and the next call builds it', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations.slice(0, 1));
    // A snapshot that keeps the index from being ready.
    const reader = subject.sql("DO 'BEGIN PERFORM count(*) FROM items; PERFORM pg_sleep(1.5); END'");
    await expect
      .poll(() => subject.value("SELECT count(*) FROM pg_locks WHERE relation = 'items'::regclass"))
      .toBe('1');
    const first = subject.apply(migrations, { installed: true });
    await atWork(subject, '2#1');
    await terminate(subject);
    await first.catch(() => {});
    await afterDeadline(subject);
    await reader;
    expect(await untilDone(subject, migrations, newer)).toMatchObject({ state: 'applied' });
    expect(await subject.value(valid('items_id'))).toBe('true');
    expect((await subject.inspect()).invalidIndexes).toEqual([]);
  });

  test('in a statement that shows nothing afterwards leaves the migration failed or in doubt, never applied', async () => {
    const subject = await database();
    const migrations = await migrationsOf({
      '1_procedure.sql': "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; PERFORM pg_sleep(20); END'",
      '2_call.sql': 'CALL p();',
    });
    const first = subject.apply(migrations);
    await atWork(subject, '2#1');
    await terminate(subject);
    await first.catch(() => {});
    await afterDeadline(subject);
    const { state } = (await subject.inspect()).history[1]!;
    expect(['running', 'failed']).toContain(state);
    if (state === 'running')
      expect(await untilDone(subject, migrations.slice(0, 2), newer)).toMatchObject({ state: 'in doubt' });
  });
});

describe('a statement that takes longer than a call may', () => {
  test('in a transaction is told as running, then as applied', async () => {
    const subject = await brief.database();
    const migrations = await migrationsOf({ ...files, '2_index.sql': 'SELECT 1; SELECT pg_sleep(4);' });
    const first = await subject.apply(migrations);
    expect(first).toMatchObject({
      state: 'running',
      failure: null,
      waiting: { place: '2#2', seconds: expect.any(Number) },
    });
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
    expect(await subject.value('SELECT count(*) FROM items')).toBe('101');
  });

  test('by itself is told as running with its progress, waits for nobody, and is settled when it is over', async () => {
    const subject = await brief.database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations.slice(0, 1));
    const read = "DO 'BEGIN PERFORM count(*) FROM items; PERFORM pg_sleep(4); END'";
    void subject.sql(read).catch(() => {});
    await expect
      .poll(() => subject.value("SELECT count(*) FROM pg_locks WHERE relation = 'items'::regclass"))
      .toBe('1');
    const first = await subject.apply(migrations, { installed: true });
    expect(first).toMatchObject({ state: 'running', failure: null });
    expect(first.waiting).toMatchObject({ place: '2#1', phase: expect.stringMatching(/^waiting for/) });
    expect(first.waiting?.blockers).toHaveLength(1);
    expect((await subject.inspect()).history.at(-1)).toMatchObject({ migration: '2', state: 'running' });
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
    expect(await subject.value(valid('items_id'))).toBe('true');
  });

  test('though it is only there to clear away an invalid index, keeps the next try waiting until it is over', async () => {
    const subject = await brief.database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(4, 'before', subject.session)).catch(() => {});
    await subject.sql('CREATE UNIQUE INDEX CONCURRENTLY items_id ON items ((1))').catch(() => {});
    await afterDeadline(subject);
    const read = "DO 'BEGIN PERFORM count(*) FROM items; PERFORM pg_sleep(4); END'";
    void subject.sql(read).catch(() => {});
    await expect
      .poll(() => subject.value("SELECT count(*) FROM pg_locks WHERE relation = 'items'::regclass"))
      .toBe('1');
    for (let time = 0; time < 2; time += 1)
      expect(await subject.apply(migrations)).toMatchObject({ state: 'running', failure: null });
    expect(await untilDone(subject, migrations)).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
    expect(await subject.value(valid('items_id'))).toBe('true');
  });
});
