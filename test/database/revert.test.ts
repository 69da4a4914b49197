import { expect, test } from 'vitest';
import { bench, dyingAt, migrationsOf } from './bench.ts';

const { database } = bench();

const files = {
  '1_table.up.sql': 'CREATE TABLE items (id int); INSERT INTO items VALUES (1);',
  '1_table.down.sql': 'DROP TABLE items;',
  '2_index.up.sql': 'CREATE INDEX CONCURRENTLY items_id ON items (id);',
  '2_index.down.sql': 'DROP INDEX CONCURRENTLY items_id;',
  '3_name.up.sql': 'ALTER TABLE items ADD name text;',
  '3_name.down.sql': 'ALTER TABLE items DROP COLUMN name;',
};

test('reverting takes migrations back newest first, and leaves the schema of before', async () => {
  const subject = await database();
  const before = (await subject.inspect()).fingerprint;
  const migrations = await migrationsOf(files);
  await subject.apply(migrations);
  const progress = await subject.apply(migrations, { direction: 'down', run: 'back', token: 2 });
  expect(progress).toMatchObject({ state: 'applied', applied: ['3', '2', '1'] });
  const { fingerprint, history } = await subject.inspect();
  expect(fingerprint).toBe(before);
  expect(history.map(({ state }) => state)).toEqual(['reverted', 'reverted', 'reverted']);
});

test('reverting twice reverts once, and what was reverted can be applied again', async () => {
  const subject = await database();
  const migrations = await migrationsOf(files);
  await subject.apply(migrations);
  const after = (await subject.inspect()).fingerprint;
  for (let time = 0; time < 2; time += 1) await subject.apply(migrations, { direction: 'down', run: 'back', token: 2 });
  expect(await subject.apply(migrations, { run: 'again', token: 3 })).toMatchObject({ applied: ['1', '2', '3'] });
  expect((await subject.inspect()).fingerprint).toBe(after);
});

test.each([1, 2, 3, 4, 5, 6].flatMap((call) => (['before', 'after'] as const).map((when) => ({ call, when }))))(
  'a revert whose caller dies $when call $call is ended by the next one',
  async ({ call, when }) => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    const before = (await subject.inspect()).fingerprint;
    await subject.apply(migrations);
    const back = { direction: 'down', run: 'back', token: 2, installed: true } as const;
    await subject.apply(migrations, back, dyingAt(call, when, subject.session)).catch(() => {});
    await subject.sql(
      "UPDATE lockstep.history SET intent = jsonb_set(intent, '{deadline}', to_jsonb(now() - interval '1 second')) WHERE intent IS NOT NULL",
    );
    expect(await subject.apply(migrations, back)).toMatchObject({ state: 'applied' });
    expect((await subject.inspect()).fingerprint).toBe(before);
  },
);

test('a down that fails leaves its migration applied and says why', async () => {
  const subject = await database();
  const migrations = await migrationsOf({ ...files, '3_name.down.sql': 'ALTER TABLE items DROP COLUMN nope;' });
  await subject.apply(migrations);
  const progress = await subject.apply(migrations, { direction: 'down', run: 'back', token: 2 });
  expect(progress).toMatchObject({
    state: 'failed',
    applied: [],
    failure: { migration: '3', statement: 1, sqlstate: '42703' },
  });
  expect((await subject.inspect()).history.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied']);
});

test('a stepwise migration can be mended behind what is done, but not before', async () => {
  const subject = await database();
  const start = 'CREATE TABLE items (id int);\nVACUUM items;\n';
  await subject.apply(await migrationsOf({ '1_steps.sql': `${start}SELECT 1 / 0;` }));
  await expect(
    subject.apply(await migrationsOf({ '1_steps.sql': `CREATE TABLE other (id int);\nVACUUM other;\nSELECT 1;` })),
  ).rejects.toThrow(/what is done of it was edited since/);
  expect(await subject.apply(await migrationsOf({ '1_steps.sql': `${start}SELECT 1;` }))).toMatchObject({
    state: 'applied',
    applied: ['1'],
  });
});
