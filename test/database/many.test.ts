import { describe, expect, test } from 'vitest';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { bench, migrationsOf } from './bench.ts';

const { database } = bench();

/** As many as that, of which each leaves a row; the bundle's own checks are not what is looked at here. */
const many = async (count: number): Promise<Migration[]> => {
  const [table, row] = await migrationsOf({
    '1_table.sql': 'CREATE TABLE rows (n int, at timestamptz DEFAULT now());',
    '2_row.sql': 'INSERT INTO rows VALUES (2);',
  });
  return Array.from({ length: count }, (_, at) => {
    if (at === 0) return table!;
    const id = String(at + 1);
    const sql = `INSERT INTO rows VALUES (${id});`;
    return { ...row!, id, name: `row_${id}`, file: `${id}_row.sql`, up: [{ ...row!.up[0]!, sql }] };
  });
};

const bad = (migration: Migration): Migration => ({ ...migration, up: [{ ...migration.up[0]!, sql: 'SELECT 1 / 0' }] });

describe('three thousand migrations', () => {
  test('take one call, and another one tells which of them were whose', async () => {
    const subject = await database();
    const migrations = await many(3_000);
    const all = migrations.map(({ id }) => id);
    await subject.apply([]);
    const calls = subject.session.calls();
    const first = await subject.apply(migrations.slice(0, 1_000), { installed: true });
    expect(first).toMatchObject({ state: 'applied', applied: all.slice(0, 1_000) });
    const second = await subject.apply(migrations, { installed: true, run: 'run-2', token: 2 });
    expect(second).toMatchObject({ state: 'applied', applied: all.slice(1_000) });
    const third = await subject.apply(migrations, { installed: true, run: 'run-2', token: 2 });
    expect(third).toMatchObject({ state: 'applied', applied: all.slice(1_000) });
    expect(third.milliseconds).toBeGreaterThan(0);
    expect(subject.session.calls() - calls).toBe(3);
    expect(await subject.value('SELECT concat(count(*), $$ $$, sum(n)) FROM rows')).toBe('2999 4501499');
    expect(await subject.value('SELECT count(*) FROM lockstep.history WHERE jsonb_array_length(timings) = 1')).toBe(
      '3000',
    );
  });

  test('are applied in one call from the first on, up to the one that fails', async () => {
    const subject = await database();
    const migrations = (await many(3_000)).with(2_500, bad((await many(2))[1]!));
    const broken = migrations.map((it, at) => (at === 2_500 ? { ...it, id: '2501' } : it));
    await subject.apply([]);
    const calls = subject.session.calls();
    const progress = await subject.apply(broken, { installed: true });
    expect(progress).toMatchObject({ state: 'failed', failure: { migration: '2501', sqlstate: '22012' } });
    expect(progress.applied).toEqual(broken.slice(0, 2_500).map(({ id }) => id));
    expect(subject.session.calls() - calls).toBe(1);
  });
});

test('what takes more than a request holds takes as many calls as it must', async () => {
  const subject = await database();
  const migrations = (await many(30)).map((it, at) =>
    at === 0 ? it : { ...it, up: [{ ...it.up[0]!, sql: `${it.up[0]!.sql} -- ${'x'.repeat(400_000)}` }] },
  );
  await subject.apply([]);
  const calls = subject.session.calls();
  expect(await subject.apply(migrations, { installed: true })).toMatchObject({ state: 'applied' });
  expect(subject.session.calls() - calls).toBe(4);
  expect(await subject.value('SELECT count(*) FROM rows')).toBe('29');
});

test('the time that this run has taken is told alike by the first call and by later ones', async () => {
  const subject = await database();
  const migrations = await migrationsOf({
    '1_two.sql': 'BEGIN; SELECT pg_sleep(0.2); COMMIT; BEGIN; SELECT pg_sleep(0.1); COMMIT;',
    '2_mixed.sql': 'SELECT pg_sleep(0.1); VACUUM pg_class; SELECT pg_sleep(0.1);',
  });
  const first = await subject.apply(migrations);
  const second = await subject.apply(migrations);
  const timed = await subject.value(
    'SELECT sum(t::numeric) FROM lockstep.history, jsonb_array_elements_text(timings) t',
  );
  expect(Number(timed)).toBeGreaterThanOrEqual(500);
  expect(first.milliseconds).toBeGreaterThanOrEqual(500);
  expect(second.milliseconds).toBeCloseTo(Number(timed), 1);
});
