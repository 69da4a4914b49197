import { describe, expect, test } from 'vitest';
import { afterDeadline, bench, dyingAt, ids, migrationsOf, type Subject, untilDone } from './bench.ts';

const { database } = bench();

const table = 'CREATE TABLE items (id int, note text); CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);';
const count = 'UPDATE counter SET n = n + 1;';
const late = '-- lockstep: out-of-order\n';

const three = { '1_table.sql': table, '3_three.sql': count, '6_six.sql': count };

/** A database that has had 1, 3 and 6 since an earlier run. */
const earlier = async () => {
  const subject = await database();
  await subject.apply(await migrationsOf(three), { run: 'earlier' });
  return subject;
};

/** `3 2 applied`: id, position and state, in the order of their positions. */
const places = async ({ inspect }: Subject) =>
  (await inspect()).history.map(({ migration, position, state }) => `${migration} ${position} ${state}`);

const byOrdinal = async ({ inspect }: Subject) =>
  (await inspect()).history.toSorted((a, b) => a.ordinal - b.ordinal).map(({ migration }) => migration);

const counted = ({ value }: Subject) => value('SELECT n FROM counter');

const run2 = { run: 'run-2', token: 2, installed: true };

describe('a migration that comes late', () => {
  test('is refused where its file does not say that it may, and nothing is changed', async () => {
    const subject = await earlier();
    const migrations = await migrationsOf({ ...three, '2_two.sql': count });
    await expect(subject.apply(migrations, { ...run2, pending: ['2'] })).rejects.toThrow(
      /2 can't be applied: 6, which comes after it, is applied there already\. .*-- lockstep: out-of-order/,
    );
    expect(await places(subject)).toEqual(['1 1 applied', '3 2 applied', '6 3 applied']);
    expect(await counted(subject)).toBe('2');
  });

  test('takes its place between the others where its file says so, and later ones follow as ever', async () => {
    const subject = await earlier();
    const files = { ...three, '2_two.sql': late + count, '7_seven.sql': count };
    const migrations = await migrationsOf(files);
    const calls = subject.session.calls();
    expect(await subject.apply(migrations, { ...run2, pending: ['2', '7'] })).toMatchObject({ applied: ['2', '7'] });
    expect(subject.session.calls() - calls).toBe(1);
    expect(await places(subject)).toEqual(['1 1 applied', '2 2 applied', '3 3 applied', '6 4 applied', '7 5 applied']);
    expect(await byOrdinal(subject)).toEqual(['1', '3', '6', '2', '7']);
    const more = await migrationsOf({ ...files, '8_eight.sql': count });
    expect(await subject.apply(more, { ...run2, pending: ['8'] })).toMatchObject({ applied: ['8'] });
    expect(await counted(subject)).toBe('5');
  });

  test('has its place once, however often it is asked for', async () => {
    const subject = await earlier();
    const migrations = await migrationsOf({ ...three, '2_two.sql': late + count });
    for (let time = 0; time < 3; time += 1)
      expect(await subject.apply(migrations, { ...run2, pending: ['2'] })).toMatchObject({ applied: ['2'] });
    expect(await places(subject)).toEqual(['1 1 applied', '2 2 applied', '3 3 applied', '6 4 applied']);
    expect(await counted(subject)).toBe('3');
  });

  test('comes along with others like it, before the first one and behind the last one, too', async () => {
    const subject = await earlier();
    const migrations = await migrationsOf({
      ...{ ...three, '0_zero.sql': `${late}CREATE TABLE zero (id int);`, '2_two.sql': late + count },
      ...{ '4_half.sql': late + count, '7_seven.sql': late + count },
    });
    const pending = ['0', '2', '4', '7'];
    expect(await subject.apply(migrations, { ...run2, pending })).toMatchObject({ applied: pending });
    expect(await places(subject)).toEqual(ids(migrations).map((id, at) => `${id} ${at + 1} applied`));
  });

  test('waits for those before it, if they may come late or not', async () => {
    const subject = await earlier();
    const migrations = await migrationsOf({ ...three, '2_two.sql': count, '4_half.sql': late + count });
    await expect(subject.apply(migrations, { ...run2, pending: ['4'] })).rejects.toThrow(
      /4 can't be applied: not all that comes before it, up to 3, is/,
    );
  });

  test('that fails changes nothing but its own row, and can be mended or given up', async () => {
    const subject = await earlier();
    const bad = await migrationsOf({ ...three, '2_two.sql': `${late}${count} SELECT 1 / 0;` });
    expect(await subject.apply(bad, { ...run2, pending: ['2'] })).toMatchObject({ state: 'failed', applied: [] });
    expect(await counted(subject)).toBe('2');
    const without = await migrationsOf({ ...three, '7_seven.sql': count });
    expect(await subject.apply(without, { ...run2, pending: ['7'] })).toMatchObject({ applied: ['7'] });
    const mended = await migrationsOf({ ...three, '2_two.sql': late + count, '7_seven.sql': count });
    expect(await subject.apply(mended, { ...run2, pending: ['2'] })).toMatchObject({ applied: ['2'] });
    expect(await places(subject)).toEqual(['1 1 applied', '2 2 applied', '3 3 applied', '6 4 applied', '7 5 applied']);
  });
});

describe('a stepwise migration that comes late', () => {
  const files = {
    ...three,
    '2_index.sql': `${late}${count} CREATE INDEX CONCURRENTLY items_id ON items (id); ${count}`,
    '7_seven.sql': count,
  };

  test('takes its place, too', async () => {
    const subject = await earlier();
    const migrations = await migrationsOf(files);
    expect(await subject.apply(migrations, { ...run2, pending: ['2', '7'] })).toMatchObject({ applied: ['2', '7'] });
    expect(await places(subject)).toEqual(['1 1 applied', '2 2 applied', '3 3 applied', '6 4 applied', '7 5 applied']);
    expect(await counted(subject)).toBe('5');
  });

  // The first segment, begin, the statement, end, the last segments.
  const deaths = [1, 2, 3, 4, 5].flatMap((call) => (['before', 'after'] as const).map((when) => ({ call, when })));

  test.each(deaths)('is ended by the next caller when one dies $when call $call', async ({ call, when }) => {
    const subject = await earlier();
    const migrations = await migrationsOf(files);
    const work = { ...run2, pending: ['2', '7'] };
    await subject.apply(migrations, work, dyingAt(call, when, subject.session)).catch(() => {});
    await afterDeadline(subject);
    expect(await untilDone(subject, migrations, work)).toMatchObject({ state: 'applied' });
    expect(await places(subject)).toEqual(['1 1 applied', '2 2 applied', '3 3 applied', '6 4 applied', '7 5 applied']);
    expect(await counted(subject)).toBe('5');
  });

  test('half done keeps later ones waiting for it', async () => {
    const subject = await earlier();
    const bad = { ...files, '2_index.sql': `${late}${count} VACUUM items; SELECT 1 / 0;` };
    await subject.apply(await migrationsOf(bad), { ...run2, pending: ['2', '7'] });
    await expect(subject.apply(await migrationsOf(bad), { ...run2, pending: ['7'] })).rejects.toThrow(
      /7 can't be applied: not all that comes before it/,
    );
  });
});

test('8 callers at once apply what comes late exactly once, each in its place', async () => {
  const subject = await earlier();
  const migrations = await migrationsOf({
    ...{ ...three, '2_two.sql': late + count, '7_seven.sql': count },
    '4_index.sql': `${late}${count} CREATE INDEX CONCURRENTLY items_id ON items (id); ${count}`,
  });
  const work = { ...run2, pending: ['2', '4', '7'] };
  const all = await Promise.all(Array.from({ length: 8 }, () => untilDone(subject, migrations, work)));
  expect(new Set(all.map(({ state, applied }) => `${state} ${applied}`))).toEqual(new Set(['applied 2,4,7']));
  expect(await places(subject)).toEqual(ids(migrations).map((id, at) => `${id} ${at + 1} applied`));
  expect(await counted(subject)).toBe('6');
});

describe('taking back', () => {
  const files = {
    ...{ '1_one.up.sql': 'CREATE TABLE one (id int);', '1_one.down.sql': 'DROP TABLE one;' },
    ...{ '3_three.up.sql': 'CREATE TABLE three (id int);', '3_three.down.sql': 'DROP TABLE three;' },
  };
  const two = { '2_two.up.sql': `${late}CREATE TABLE two (id int);`, '2_two.down.sql': 'DROP TABLE two;' };

  /** 1 and 3 by an earlier run, then 2, which came late. */
  const withLate = async () => {
    const subject = await database();
    await subject.apply(await migrationsOf(files), { run: 'earlier' });
    const after = (await subject.inspect()).fingerprint;
    const migrations = await migrationsOf({ ...files, ...two });
    await subject.apply(migrations, { ...run2, pending: ['2'] });
    return { subject, migrations, after };
  };

  const back = { direction: 'down', run: 'back', token: 3, installed: true } as const;

  test('begins with what was applied last, wherever it stands', async () => {
    const { subject, migrations, after } = await withLate();
    for (let time = 0; time < 2; time += 1)
      expect(await subject.apply(migrations, { ...back, pending: ['2'] })).toMatchObject({ applied: ['2'] });
    expect((await subject.inspect()).fingerprint).toBe(after);
    const again = { run: 'again', token: 4, installed: true, pending: ['2'] };
    expect(await subject.apply(migrations, again)).toMatchObject({ applied: ['2'] });
    expect(await places(subject)).toEqual(['1 1 applied', '2 2 applied', '3 3 applied']);
  });

  test('is refused for what something was applied after that still is', async () => {
    const { subject, migrations } = await withLate();
    await expect(subject.apply(migrations, { ...back, pending: ['3', '2'] })).rejects.toThrow(
      /3 can't be taken back: 2 was applied after it and still is/,
    );
    expect(await subject.value("SELECT to_regclass('three') IS NOT NULL")).toBe('true');
  });

  test('goes through all of them in the reverse order of application', async () => {
    const { subject, migrations } = await withLate();
    const pending = (await byOrdinal(subject)).reverse();
    expect(pending).toEqual(['2', '3', '1']);
    expect(await subject.apply(migrations, { ...back, pending })).toMatchObject({ applied: pending });
    expect(await subject.value("SELECT to_regclass('one') IS NULL")).toBe('true');
  });

  test('leaves later ones to be applied as if it had never been', async () => {
    const { subject, migrations } = await withLate();
    await subject.apply(migrations, { ...back, pending: ['2'] });
    const without = await migrationsOf({ ...files, '4_four.up.sql': 'SELECT 4;', '4_four.down.sql': 'SELECT 4;' });
    const forth = { run: 'forth', token: 4, installed: true, pending: ['4'] };
    expect(await subject.apply(without, forth)).toMatchObject({ applied: ['4'] });
  });
});
