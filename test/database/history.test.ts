import { describe, expect, test } from 'vitest';
import { readHistory, readResolutions, summarize } from '../../lib/database/history.ts';
import { bench, migrationsOf } from './bench.ts';

const { database } = bench();

describe('a history', () => {
  test('is empty in a database that Lockstep has never been to, and reading it changes nothing there', async () => {
    const { session, database: where, value } = await database();
    expect(await readHistory(session, where)).toEqual([]);
    expect(await readResolutions(session, where)).toEqual([]);
    expect(await summarize(session, where)).toEqual({ applied: 0, newest: null, run: null, at: null, unsettled: [] });
    expect(await value("SELECT to_regnamespace('lockstep') IS NULL")).toBe('true');
  });

  test('tells of each migration its state, run, statements and failure, newest last', async () => {
    const subject = await database();
    const migrations = await migrationsOf({ '1_one.sql': 'SELECT 1; SELECT 2;', '2_two.sql': 'SELECT 1 / 0;' });
    await subject.apply(migrations);
    const [one, two] = await readHistory(subject.session, subject.database);
    expect(one).toMatchObject({ migration: '1', name: 'one', state: 'applied', run: 'run-1', step: 2, failure: null });
    expect(one?.timings).toHaveLength(2);
    expect(one?.milliseconds).toBe((one?.timings[0] ?? 0) + (one?.timings[1] ?? 0));
    expect(two).toMatchObject({
      ...{ migration: '2', state: 'failed', appliedBy: 'clerk' },
      failure: { statement: 1, sqlstate: '22012', message: 'division by zero' },
    });
    expect(await summarize(subject.session, subject.database)).toMatchObject({
      ...{ applied: 1, newest: '1', run: 'run-1', unsettled: [{ migration: '2', state: 'failed' }] },
    });
  });

  test('of any length is read, rows beyond what a record may hold included', async () => {
    const subject = await database();
    await subject.apply(await migrationsOf({ '1_one.sql': 'SELECT 1;' }));
    await subject.sql(`INSERT INTO lockstep.history (migration, position, ordinal, name, checksum, mode, state, timings, failure, run, token, started_at)
      SELECT i, i, i, repeat('n', 300), 'c', 'transactional', 'failed', CASE WHEN i = 7 THEN (SELECT jsonb_agg(j) FROM generate_series(1, 30000) j) ELSE '[]' END,
        jsonb_build_object('sqlstate', '22012', 'message', repeat('"', CASE WHEN i = 8 THEN 60000 ELSE 1 END)), 'r', 1, now() FROM generate_series(2, 1500) i`);
    const history = await readHistory(subject.session, subject.database);
    expect(history.map(({ migration }) => migration)).toEqual(Array.from({ length: 1500 }, (_, at) => String(at + 1)));
    expect(history[6]?.timings).toEqual([]);
    expect(history[7]?.failure?.message).toHaveLength(4000);
  });
});
