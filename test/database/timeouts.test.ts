import { describe, expect, test } from 'vitest';
import { watch } from '../../lib/database/watch.ts';
import { bench, migrationsOf, type Subject } from './bench.ts';

const { database } = bench();

const table = { '1_table.sql': 'CREATE TABLE items (id int); INSERT INTO items VALUES (1);' };
const locked = { ...table, '2_alter.sql': 'ALTER TABLE items ADD name text;' };

/** Holds a lock on `items` from another session until it is let go. */
const holdLock = async (subject: Subject): Promise<() => Promise<unknown>> => {
  const holding = subject
    .sql("DO 'BEGIN LOCK TABLE items IN ACCESS SHARE MODE; PERFORM pg_sleep(30); END'")
    .catch(() => {});
  const holder =
    "FROM pg_stat_activity WHERE query LIKE 'DO ''BEGIN LOCK%' AND state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()";
  const held = `SELECT count(*) FROM pg_locks WHERE relation = 'items'::regclass AND mode = 'AccessShareLock' AND pid IN (SELECT pid ${holder})`;
  while ((await subject.value(held)) !== '1') await new Promise((resolve) => setTimeout(resolve, 20));
  return async () => {
    await subject.sql(`SELECT pg_cancel_backend(pid) ${holder}`);
    await holding;
  };
};

describe('a statement that may take only so long', () => {
  test('is cancelled while it runs, and its migration takes no effect', async () => {
    const subject = await database();
    const slow = await migrationsOf({ ...table, '2_slow.sql': 'INSERT INTO items VALUES (2);\nSELECT pg_sleep(30);' });
    const progress = await subject.apply(slow, { statementTimeout: 300 });
    expect(progress).toMatchObject({
      state: 'failed',
      applied: ['1'],
      failure: {
        migration: '2',
        statement: 2,
        sqlstate: '57014',
        message: 'canceling statement due to statement timeout (300 ms)',
      },
    });
    expect(await subject.value('SELECT count(*) FROM items')).toBe('1');
  });

  test('is cancelled by whoever looks next, when the one who sent it is gone', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(table));
    const slow = await migrationsOf({ ...table, '2_slow.sql': 'SELECT pg_sleep(30);' });
    const unwatched = { ...subject.session, calls: () => 0 };
    const sent = subject.apply(slow, { statementTimeout: 0, installed: true }, unwatched);
    while ((await watch(subject.session, subject.database)).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await subject.sql(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lockstep %' AND datname = current_database()",
    );
    expect(await sent).toMatchObject({ state: 'failed', failure: { migration: '2', sqlstate: '57014' } });
  });

  test('costs no call more when it is quick enough', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(table));
    const before = subject.session.calls();
    await subject.apply(await migrationsOf(locked), { statementTimeout: 20_000, installed: true });
    expect(subject.session.calls() - before).toBe(1);
  });

  test('is told to whoever asks meanwhile: which it is, since when, and that nothing is wrong', async () => {
    const subject = await database();
    const slow = await migrationsOf({ ...table, '2_slow.sql': 'SELECT 1; SELECT pg_sleep(1.5);' });
    const first = subject.apply(slow);
    while ((await watch(subject.session, subject.database))[0]?.place !== '2#2')
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await subject.apply(slow, { installed: true })).toMatchObject({
      state: 'running',
      waiting: { place: '2#2', blockers: [] },
    });
    expect(await first).toMatchObject({ state: 'applied', applied: ['1', '2'] });
  });
});

describe('a lock that others hold', () => {
  test('fails the migration after the lock timeout, and the failure names who held it', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(table));
    const release = await holdLock(subject);
    const progress = await subject.apply(await migrationsOf(locked), { lockTimeout: '100ms', installed: true });
    await release();
    expect(progress).toMatchObject({ state: 'failed', failure: { migration: '2', sqlstate: '55P03' } });
    expect(progress.failure?.message).toMatch(
      /lock timeout; held then: AccessShareLock on (public\.)?items by pid \d+ \(rds-data-api, role clerk, active for \d+ s\)/,
    );
  });

  test('is tried again, and the migration applied once it is let go', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(table));
    const release = await holdLock(subject);
    const applying = subject.apply(await migrationsOf(locked), {
      lockTimeout: '100ms',
      lockPatience: 20_000,
      installed: true,
      run: 'run-2',
      token: 2,
    });
    setTimeout(release, 700);
    expect(await applying).toMatchObject({ state: 'applied', applied: ['2'] });
  });
});
