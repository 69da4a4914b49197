import { describe, expect, test } from 'vitest';
import { readHistory, readResolutions } from '../../lib/database/history.ts';
import { changeOf, resolve, type Verdict } from '../../lib/database/resolve.ts';
import { LOCK } from '../../lib/database/sql/admission.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { bench, migrationsOf, type Subject } from './bench.ts';

const { database } = bench();

const decision = { reason: 'INC-42', requestedBy: 'ada' };

const historyOf = ({ session, database }: Subject) => readHistory(session, database);

const changeIn = async (subject: Subject, id: string, migrations: Migration[], verdict: Verdict) =>
  changeOf('shop', id, migrations, await historyOf(subject), verdict);

const overrule = async (subject: Subject, id: string, migrations: Migration[], verdict: Verdict) => {
  const change = await changeIn(subject, id, migrations, verdict);
  await resolve(subject.session, subject.database, change, migrations, decision);
};

const two = { '1_one.sql': 'CREATE TABLE one (id int);', '2_two.sql': 'CREATE TABLE two (id int); SELECT 1 / 0;' };

/** A database in which the second of two migrations has failed. */
const failed = async () => {
  const subject = await database();
  const migrations = await migrationsOf(two);
  await subject.apply(migrations);
  return { subject, migrations };
};

/** A session that holds things until it is let go. */
const inTheBackground = (subject: Subject, sql: string) => {
  const ended = subject.sql(sql).catch(() => {});
  return { ended };
};

describe('resolving a migration', () => {
  test('as applied makes runs go on behind it, and keeps who, why, and both rows', async () => {
    const { subject, migrations } = await failed();
    await overrule(subject, '2', migrations, { as: 'applied' });
    expect(await historyOf(subject)).toMatchObject([
      { migration: '1', state: 'applied', run: 'run-1' },
      { migration: '2', state: 'applied', failure: null, step: 2, run: 'resolve by ada' },
    ]);
    expect(await readResolutions(subject.session, subject.database)).toMatchObject([
      {
        ...{ migration: '2', verdict: 'applied', reason: 'INC-42', requestedBy: 'ada', role: 'clerk' },
        before: { state: 'failed', failure: { sqlstate: '22012' } },
        after: { state: 'applied', failure: null },
      },
    ]);
    const more = await migrationsOf({ ...two, '3_three.sql': 'CREATE TABLE three (id int);' });
    expect(await subject.apply(more, { token: 2, run: 'run-2' })).toMatchObject({ state: 'applied', applied: ['3'] });
    expect(await subject.value("SELECT to_regclass('two') IS NULL")).toBe('true');
  });

  test('as not applied makes the next run apply it', async () => {
    const subject = await database();
    const migrations = await migrationsOf({ '1_one.sql': 'CREATE TABLE IF NOT EXISTS one (id int);' });
    await subject.apply(migrations);
    await subject.sql('DROP TABLE one');
    await overrule(subject, '1', migrations, { as: 'not applied' });
    expect((await historyOf(subject))[0]).toMatchObject({ state: 'reverted', step: 0, timings: [] });
    expect(await subject.apply(migrations, { run: 'run-2' })).toMatchObject({ applied: ['1'] });
    expect(await subject.value("SELECT to_regclass('one') IS NOT NULL")).toBe('true');
  });

  test('as applied takes a database along in which it is missing, or has another content', async () => {
    const subject = await database();
    const migrations = await migrationsOf({ '1_one.sql': 'CREATE TABLE one (id int);', '2_two.sql': 'SELECT 2;' });
    await overrule(subject, '1', migrations, { as: 'applied' });
    const edited = await migrationsOf({ '1_one.sql': 'CREATE TABLE one (id bigint);', '2_two.sql': 'SELECT 2;' });
    await overrule(subject, '1', edited, { as: 'applied' });
    expect(await subject.apply(edited, { pending: ['2'] })).toMatchObject({ state: 'applied', applied: ['2'] });
  });

  test('that is missing from the files as not applied closes the gap it leaves', async () => {
    const subject = await database();
    const files = { '1_one.sql': 'SELECT 1;', '2_gone.sql': 'SELECT 2;', '3_three.sql': 'SELECT 3;' };
    await subject.apply(await migrationsOf(files));
    const rest = { '1_one.sql': files['1_one.sql'], '3_three.sql': files['3_three.sql'] };
    const kept = await migrationsOf(rest);
    expect((await changeIn(subject, '2', kept, { as: 'not applied' })).moved).toEqual(['3']);
    await overrule(subject, '2', kept, { as: 'not applied' });
    const more = await migrationsOf({ ...rest, '4_four.sql': 'SELECT 4;', '5_five.sql': 'SELECT 5;' });
    expect(await subject.apply(more, { pending: ['4', '5'], run: 'run-2' })).toMatchObject({ applied: ['4', '5'] });
    const last = await migrationsOf({
      ...rest,
      '4_four.sql': 'SELECT 4;',
      '5_five.sql': 'SELECT 5;',
      '6_six.sql': 'SELECT 6;',
    });
    expect(await subject.apply(last, { pending: ['6'], run: 'run-3' })).toMatchObject({ applied: ['6'] });
  });

  const steps = {
    '1_steps.sql': 'CREATE TABLE t (id int); VACUUM; ALTER TABLE t ADD x int;',
  };

  test('can say that its first statements are there, and the next run goes on behind them', async () => {
    const subject = await database();
    const migrations = await migrationsOf(steps);
    await subject.sql('CREATE TABLE t (id int)');
    expect(await subject.apply(migrations)).toMatchObject({ state: 'failed', failure: { statement: 1 } });
    await overrule(subject, '1', migrations, { as: 'not applied', done: 1 });
    expect(await subject.apply(migrations, { run: 'run-2' })).toMatchObject({ state: 'applied', applied: ['1'] });
    expect((await historyOf(subject))[0]?.timings).toEqual([null, expect.any(Number), expect.any(Number)]);
  });

  test('can be continued only where it can stop', async () => {
    const subject = await database();
    const migrations = await migrationsOf({ ...steps, '2_whole.sql': 'SELECT 1; SELECT 1 / 0;' });
    await subject.apply(migrations);
    await expect(changeIn(subject, '2', migrations, { as: 'not applied', done: 1 })).rejects.toThrow(
      /is applied as a whole or not at all/,
    );
    await overrule(subject, '1', migrations, { as: 'not applied' }).then(() =>
      expect(changeIn(subject, '1', migrations, { as: 'not applied', done: 1 })).rejects.toThrow(/already/),
    );
  });

  test('refuses what is so already, and what no file is known of', async () => {
    const { subject, migrations } = await failed();
    await expect(changeIn(subject, '1', migrations, { as: 'applied' })).rejects.toThrow(/is applied there already/);
    await expect(changeIn(subject, '9', migrations, { as: 'applied' })).rejects.toThrow(/is not among the files/);
    await expect(changeIn(subject, '9', migrations, { as: 'not applied' })).rejects.toThrow(/is not in its history/);
  });
});

describe('resolving while others are at work', () => {
  test('is refused under the lock of a run', async () => {
    const { subject, migrations } = await failed();
    const change = await changeIn(subject, '2', migrations, { as: 'applied' });
    const run = inTheBackground(subject, `SELECT pg_advisory_xact_lock(${LOCK}), pg_sleep(2)`);
    await expect.poll(() => subject.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).toBe('1');
    await expect(resolve(subject.session, subject.database, change, migrations, decision)).rejects.toThrow(
      /a run is at work there\. Nothing was changed/,
    );
    await run.ended;
    await resolve(subject.session, subject.database, change, migrations, decision);
    expect((await historyOf(subject))[1]?.state).toBe('applied');
  });

  test('is refused while a statement of the migration is carried out, though it holds no lock', async () => {
    const { subject, migrations } = await failed();
    const change = await changeIn(subject, '2', migrations, { as: 'applied' });
    const step = inTheBackground(
      subject,
      '/* lockstep 0 2#1 0b4ff94e-6b52-4b9e-a2a1-0a9b1b6d8f30 */ SELECT pg_sleep(2)',
    );
    await expect
      .poll(() =>
        subject.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '/* lockstep%'"),
      )
      .toBe('1');
    await expect(resolve(subject.session, subject.database, change, migrations, decision)).rejects.toThrow(
      /the backend \d+ is carrying out a statement of 2/,
    );
    await step.ended;
    await resolve(subject.session, subject.database, change, migrations, decision);
  });

  test('is refused as long as whoever announced a statement may still send it', async () => {
    const { subject, migrations } = await failed();
    await subject.sql(
      `UPDATE lockstep.history SET state = 'running', intent = jsonb_build_object('mark', 'm', 'deadline', now() + interval '1 minute') WHERE migration = '2'`,
    );
    await expect(overrule(subject, '2', migrations, { as: 'applied' })).rejects.toThrow(/somebody may still send/);
    await subject.sql(
      `UPDATE lockstep.history SET intent = jsonb_build_object('mark', 'm', 'deadline', now() - interval '1 minute') WHERE migration = '2'`,
    );
    await overrule(subject, '2', migrations, { as: 'applied' });
    expect(await subject.value("SELECT intent IS NULL FROM lockstep.history WHERE migration = '2'")).toBe('true');
  });

  test('changes nothing when history has changed since it was shown', async () => {
    const { subject, migrations } = await failed();
    const change = await changeIn(subject, '2', migrations, { as: 'applied' });
    await overrule(subject, '2', migrations, { as: 'not applied' });
    await expect(resolve(subject.session, subject.database, change, migrations, decision)).rejects.toThrow(
      /not as it was shown any more/,
    );
    expect(await readResolutions(subject.session, subject.database)).toHaveLength(1);
  });

  test('lets one of many win, and has one effect though its answer is lost', async () => {
    const { subject, migrations } = await failed();
    const change = await changeIn(subject, '2', migrations, { as: 'applied' });
    const { session } = subject;
    let lost = 0;
    const forgetful = {
      ...session,
      execute: async (...args: Parameters<typeof session.execute>) => {
        const answer = await session.execute(...args);
        if (args[1].startsWith('SELECT lockstep.resolve') && lost++ === 0)
          throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
        return answer;
      },
    };
    await resolve(forgetful, subject.database, change, migrations, decision);
    expect(lost).toBe(2);
    const others = await Promise.allSettled(
      Array.from({ length: 6 }, () => resolve(session, subject.database, change, migrations, decision)),
    );
    expect(others.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(await readResolutions(session, subject.database)).toHaveLength(1);
  });
});
