import { expect, test } from 'vitest';
import { readHistory } from '../../lib/database/history.ts';
import { afterDeadline, bench, migrationsOf, untilDone } from './bench.ts';

const { database } = bench();

/** The tables as version 1 had them, with what it remembered of a migration applied and of an index being built. */
const firstVersion = [
  'CREATE SCHEMA lockstep',
  `CREATE TABLE lockstep.history (
    migration text PRIMARY KEY, position integer NOT NULL, name text NOT NULL, checksum text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('transactional', 'stepwise')),
    state text NOT NULL CHECK (state IN ('applied', 'failed', 'running', 'reverting', 'reverted')),
    step integer NOT NULL DEFAULT 0, prefix text, intent jsonb, timings jsonb NOT NULL DEFAULT '[]', failure jsonb,
    run text NOT NULL, token bigint NOT NULL, applied_by text NOT NULL DEFAULT current_user,
    started_at timestamptz NOT NULL, finished_at timestamptz)`,
  `CREATE TABLE lockstep.fence (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), token bigint NOT NULL, run text NOT NULL)`,
  `INSERT INTO lockstep.fence (token, run) VALUES (1, 'run-1')`,
  `COMMENT ON SCHEMA lockstep IS 'Lockstep 1: which migrations this database has. Never edit it by hand.'`,
];

const files = {
  '1_table.sql': 'CREATE TABLE one (id int);',
  '2_two.sql': 'CREATE TABLE two (id int);',
  '3_call.sql': 'CALL p();',
};

test("the first version's schema is brought up to date, and what it remembers is kept", async () => {
  const subject = await database();
  for (const statement of firstVersion) await subject.sql(statement);
  const migrations = await migrationsOf(files);
  await subject.sql('CREATE TABLE one (id int)');
  await subject.sql("CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'");
  await subject.sql(`INSERT INTO lockstep.history (migration, position, name, checksum, mode, state, step, run, token, started_at, intent) VALUES
    ('1', 1, 'table', '${migrations[0]!.checksum}', 'transactional', 'applied', 1, 'run-1', 1, now(), NULL),
    ('2', 2, 'two', 'edited since', 'transactional', 'failed', 0, 'run-1', 1, now(), NULL)`);
  expect((await subject.inspect()).installed).toBe(false);
  expect((await subject.inspect()).history).toMatchObject([
    { migration: '1', ordinal: 1 },
    { migration: '2', ordinal: 2 },
  ]);
  expect(await readHistory(subject.session, subject.database)).toHaveLength(2);
  for (let time = 0; time < 2; time += 1)
    expect(await subject.apply(migrations.slice(0, 2), { run: 'run-2', token: 2 })).toMatchObject({ applied: ['2'] });
  const { installed, history } = await subject.inspect();
  expect(installed).toBe(true);
  expect(history.map(({ migration, state }) => `${migration} ${state}`)).toEqual(['1 applied', '2 applied']);
});

test('what the first version had sent and not settled is in doubt, and no more', async () => {
  const subject = await database();
  for (const statement of firstVersion) await subject.sql(statement);
  const migrations = (await migrationsOf(files)).slice(2);
  await subject.sql("CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'");
  await subject.sql(`INSERT INTO lockstep.history (migration, position, name, checksum, mode, state, run, token, started_at, intent)
    VALUES ('3', 1, 'call', '${migrations[0]!.checksum}', 'stepwise', 'running', 'run-1', 1, now(), jsonb_build_object('mark', 'lockstep 0 3#1 m', 'before', NULL, 'deadline', now()))`);
  await subject.apply([], { token: 2 });
  await afterDeadline(subject);
  expect(await untilDone(subject, migrations, { run: 'run-2', token: 2 })).toMatchObject({
    ...{ state: 'in doubt', failure: { migration: '3', statement: 1 } },
  });
});
