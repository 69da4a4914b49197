import { describe, expect, test } from 'vitest';
import { adopt, planAdoption } from '../../../lib/database/baseline/adopt.ts';
import type { ByHand } from '../../../lib/database/baseline/by-hand.ts';
import type { Files } from '../../../lib/database/baseline/match.ts';
import { type ToolName, tools } from '../../../lib/database/baseline/tools.ts';
import { readHistory, readResolutions } from '../../../lib/database/history.ts';
import type { Migration } from '../../../lib/migrations/bundle.ts';
import { bench, migrationsOf, type Subject } from '../bench.ts';
import { tables } from './tables.ts';

const { database } = bench();

const three = {
  '1_a.sql': 'CREATE TABLE a (id int);',
  '2_b.sql': 'CREATE TABLE b (id int);',
  '3_c.sql': 'CREATE TABLE c (id int);',
};

/** Contents are of no concern to what these tests adopt. */
const filesOf = (migrations: Migration[]): Files => ({
  migrations,
  contents: new Map(migrations.map(({ file }) => [file, Buffer.from('')])),
});

const decision = { reason: 'adopted', requestedBy: 'ada' };

/** A database which a tool has brought to the second of the three migrations. */
const lookedAfterBy = async (tool: ToolName): Promise<Subject> => {
  const subject = await database();
  const { ddl, rows } = tables[tool];
  for (const sql of [...ddl, rows, three['1_a.sql'], three['2_b.sql']]) await subject.sql(sql.replace(/;$/, ''));
  return subject;
};

const baseline = async (subject: Subject, from: ToolName, migrations: Migration[], byHand: ByHand = {}) => {
  const plan = await planAdoption(subject.session, subject.database, { from, ...byHand }, filesOf(migrations));
  if (plan.problems.length === 0) await adopt(subject.session, subject.database, from, plan, migrations, decision);
  return plan;
};

const standing = async ({ session, database }: Subject) =>
  (await readHistory(session, database)).map(({ migration, state, run }) => `${migration} ${state} ${run}`);

describe.each(Object.keys(tools) as ToolName[])('a database that %s has looked after', (tool) => {
  test('is marked, and only what comes after is then applied', async () => {
    const subject = await lookedAfterBy(tool);
    const migrations = await migrationsOf(
      tool === 'flyway'
        ? { 'V1__a.sql': three['1_a.sql'], 'V2__b.sql': three['2_b.sql'], 'V3__c.sql': three['3_c.sql'] }
        : three,
    );
    const { map } = tables[tool];
    expect((await baseline(subject, tool, migrations, { map })).problems).toEqual([]);
    expect(await standing(subject)).toEqual([`1 applied baseline ${tool}`, `2 applied baseline ${tool}`]);

    const again = await baseline(subject, tool, migrations, { map });
    expect(again).toMatchObject({ mark: [], problems: [] });
    const { applied } = await subject.apply(migrations, { pending: ['3'] });
    expect(applied).toEqual(['3']);
    expect(await subject.value("SELECT to_regclass('c') IS NOT NULL")).toBe('true');
  });
});

describe('adopting', () => {
  test('writes down who did it, why, and what', async () => {
    const subject = await lookedAfterBy('dbmate');
    await baseline(subject, 'dbmate', await migrationsOf(three));
    expect(await readResolutions(subject.session, subject.database)).toMatchObject([
      { migration: '2', verdict: 'baseline', requestedBy: 'ada', role: 'clerk', after: { migrations: ['1', '2'] } },
    ]);
  });

  test('changes nothing when the tool has gone on since it was shown', async () => {
    const subject = await lookedAfterBy('dbmate');
    const migrations = await migrationsOf(three);
    const { session, database } = subject;
    const plan = await planAdoption(session, database, { from: 'dbmate' }, filesOf(migrations));
    await subject.sql("INSERT INTO schema_migrations VALUES ('3')");
    await expect(adopt(session, database, 'dbmate', plan, migrations, decision)).rejects.toThrow(
      /not as it was shown any more/,
    );
    expect(await standing(subject)).toEqual([]);
  });

  test('changes nothing when somebody else has adopted it since it was shown', async () => {
    const subject = await lookedAfterBy('dbmate');
    const migrations = await migrationsOf(three);
    const { session, database } = subject;
    const plan = await planAdoption(session, database, { from: 'dbmate' }, filesOf(migrations));
    await baseline(subject, 'dbmate', migrations.slice(0, 2));
    await expect(adopt(session, database, 'dbmate', plan, migrations, decision)).rejects.toThrow(/not as it was shown/);
    expect(await standing(subject)).toHaveLength(2);
  });

  test('goes on where the tool has gone on after an earlier adoption', async () => {
    const subject = await lookedAfterBy('dbmate');
    const migrations = await migrationsOf(three);
    await baseline(subject, 'dbmate', migrations);
    await subject.sql("INSERT INTO schema_migrations VALUES ('3')");
    expect((await baseline(subject, 'dbmate', migrations)).mark.map(({ id }) => id)).toEqual(['3']);
    expect(await standing(subject)).toHaveLength(3);
  });

  test('refuses a database in which Lockstep and the other tool are both at work', async () => {
    const subject = await lookedAfterBy('dbmate');
    await subject.sql('DROP TABLE a');
    const migrations = await migrationsOf(three);
    await subject.apply(migrations.slice(0, 1));
    expect((await baseline(subject, 'dbmate', migrations)).problems).toEqual([
      'Lockstep is at work there already (1 by run-1), and the other tool lists more than it: two tools are at it',
    ]);
  });

  test('refuses a database whose history has other contents', async () => {
    const subject = await lookedAfterBy('dbmate');
    await baseline(subject, 'dbmate', await migrationsOf({ ...three, '2_b.sql': 'SELECT 2;' }));
    expect((await baseline(subject, 'dbmate', await migrationsOf(three))).problems).toEqual([
      'Lockstep has 2 there with another content',
    ]);
  });

  test.each([
    ['liquibase', 'UPDATE databasechangeloglock SET locked = true', 'databasechangeloglock is locked'],
    ['knex', 'UPDATE knex_migrations_lock SET is_locked = 1', 'knex_migrations_lock is locked'],
  ] as const)('refuses a database that %s has locked', async (tool, sql, problem) => {
    const subject = await lookedAfterBy(tool);
    await subject.sql(sql);
    const { problems } = await baseline(subject, tool, await migrationsOf(three), { map: tables[tool].map });
    expect(problems).toEqual([expect.stringContaining(`${tool}: ${problem}`)]);
  });

  test('says which table is missing, or is of another tool', async () => {
    const subject = await lookedAfterBy('golang-migrate');
    const migrations = await migrationsOf(three);
    await expect(baseline(subject, 'dbmate', migrations)).rejects.toThrow(
      /has a column dirty: it is another tool's table/,
    );
    await expect(baseline(subject, 'flyway', migrations)).rejects.toThrow(/flyway_schema_history is not there/);
  });

  test('finds a table elsewhere, and reads one of any length', async () => {
    const subject = await database();
    await subject.sql('CREATE SCHEMA "Old"');
    await subject.sql('CREATE TABLE "Old".versions (version varchar PRIMARY KEY)');
    await subject.sql('INSERT INTO "Old".versions SELECT i FROM generate_series(1, 1200) i');
    const files = Object.fromEntries(Array.from({ length: 1201 }, (_, at) => [`${at + 1}_m.sql`, 'SELECT 1']));
    const migrations = await migrationsOf(files);
    const { session } = subject;
    const plan = await planAdoption(
      session,
      subject.database,
      { from: 'dbmate', table: '"Old".versions' },
      filesOf(migrations),
    );
    expect(plan).toMatchObject({ applied: 1200, problems: [], table: '"Old".versions' });
    await adopt(session, subject.database, 'dbmate', plan, migrations, decision);
    expect(await readHistory(session, subject.database)).toHaveLength(1200);
  });
});
