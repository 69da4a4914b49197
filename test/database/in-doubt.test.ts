import { describe, expect, test } from 'vitest';
import type { Work } from '../../lib/database/apply.ts';
import { readHistory, readResolutions } from '../../lib/database/history.ts';
import { changeOf, resolve } from '../../lib/database/resolve.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { afterDeadline, bench, dyingAt, migrationsOf, type Subject } from './bench.ts';

const { database } = bench();

const procedure = `CREATE TABLE notes (n int);
  CREATE PROCEDURE note(n int) LANGUAGE plpgsql AS $$ BEGIN INSERT INTO notes VALUES (n); COMMIT; END $$;`;

const files = {
  '1_procedure.sql': procedure,
  '2_calls.sql': 'CALL note(1);\nCALL note(2);\nCALL note(3);',
  '3_after.sql': 'CREATE TABLE after (id int);',
};

/** The second call of 2 was carried out, or was not, and nobody knows. */
const inDoubt = async (when: 'before' | 'after', contents: Record<string, string> = files) => {
  const subject = await database();
  const migrations = await migrationsOf(contents);
  // Install, run, then begin, send and end for each: the sixth call sends the second.
  await subject.apply(migrations, {}, dyingAt(7, when, subject.session)).catch(() => {});
  await afterDeadline(subject);
  return { subject, migrations, progress: await subject.apply(migrations) };
};

const notes = ({ value }: Subject) => value('SELECT coalesce(string_agg(n::text, $$,$$ ORDER BY n), $$$$) FROM notes');

const decide = async (
  { session, database }: Subject,
  migrations: Migration[],
  as: 'applied' | 'not applied',
  id = '2',
) => {
  const change = changeOf('shop', id, migrations, await readHistory(session, database), { as });
  await resolve(session, database, change, migrations, { reason: 'looked at notes', requestedBy: 'ada' });
  return change;
};

const run2 = { run: 'run-2', token: 2, installed: true };

describe('a statement of which nobody knows whether it took effect', () => {
  test('leaves its migration in doubt, with all that is known of it', async () => {
    const { subject, progress } = await inDoubt('after');
    expect(progress).toMatchObject({ state: 'in doubt', applied: ['1'], failure: { migration: '2', statement: 2 } });
    expect(progress.failure?.message).toMatch(
      /^statement 2 \(CALL note\(2\)\) is in doubt: run-1 sent it at .*Z, or shortly after, .* no session was carrying it out any more, and nothing in the catalog tells whether it took effect\. Look at the database, then decide: lockstep resolve ENVIRONMENT subject_\d+ 2 /,
    );
    const [, two] = await readHistory(subject.session, subject.database);
    expect(two).toMatchObject({
      ...{ state: 'in doubt', step: 1, run: 'run-1' },
      failure: {
        evidence: {
          sent: { statement: 2, steps: 3, text: 'CALL note(2)', direction: 'up', run: 'run-1' },
          ...{ before: null, now: null },
        },
      },
    });
    const { sent, serverStarted } = two!.failure!.evidence!;
    expect(sent.mark).toMatch(/^lockstep 0 2#2 [0-9a-f-]{36}$/);
    expect(sent.serverStarted).toBe(serverStarted);
    expect((await subject.inspect()).history[1]).toMatchObject({ state: 'in doubt', step: 1 });
  });

  test('tells that the server was started anew in between', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(7, 'before', subject.session)).catch(() => {});
    await afterDeadline(subject);
    await subject.sql(
      "UPDATE lockstep.history SET intent = jsonb_set(intent, '{sent,serverStarted}', to_jsonb(now() - interval '1 day')) WHERE intent IS NOT NULL",
    );
    const { failure } = await subject.apply(migrations);
    expect(failure?.message).toMatch(/whether it took effect; the server was started anew in between, at 20/);
  });

  test('keeps everything from going on there, up and down, whoever asks and how often', async () => {
    const { subject, migrations } = await inDoubt('after');
    const downs = await migrationsOf({
      '1_procedure.up.sql': procedure,
      '1_procedure.down.sql': 'DROP PROCEDURE note(int); DROP TABLE notes;',
    });
    for (const work of [run2, { ...run2, pending: ['3'] }, run2])
      expect(await subject.apply(migrations, work)).toMatchObject({ state: 'in doubt', failure: { migration: '2' } });
    expect(await subject.apply(downs, { ...run2, direction: 'down' })).toMatchObject({
      ...{ state: 'in doubt', failure: { migration: '2' } },
    });
    expect(await notes(subject)).toBe('1,2');
    expect(await subject.value("SELECT to_regclass('after') IS NULL")).toBe('true');
  });

  test('leaves many who look at once with one doubt', async () => {
    const subject = await database();
    const migrations = await migrationsOf(files);
    await subject.apply(migrations, {}, dyingAt(7, 'after', subject.session)).catch(() => {});
    await afterDeadline(subject);
    const all = await Promise.all(Array.from({ length: 8 }, () => subject.apply(migrations, run2)));
    expect(all.map(({ state }) => state)).toContain('in doubt');
    expect(all.every(({ state }) => state === 'in doubt' || state === 'running')).toBe(true);
    expect(await notes(subject)).toBe('1,2');
  });
});

describe('deciding on it', () => {
  test('that it took effect lets the next run go on behind it, and keeps the evidence', async () => {
    const { subject, migrations } = await inDoubt('after');
    expect(await decide(subject, migrations, 'applied')).toMatchObject({
      ...{ statement: 2, after: { state: 'failed', step: 2 } },
    });
    expect(await subject.apply(migrations, run2)).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await notes(subject)).toBe('1,2,3');
    expect(await readResolutions(subject.session, subject.database)).toMatchObject([
      {
        ...{ migration: '2', verdict: 'applied', statement: 2, requestedBy: 'ada' },
        before: { state: 'in doubt', failure: { evidence: { sent: { text: 'CALL note(2)' } } } },
      },
    ]);
  });

  test('that it did not has it sent again, and nothing before it', async () => {
    const { subject, migrations } = await inDoubt('before');
    expect(await decide(subject, migrations, 'not applied')).toMatchObject({ after: { state: 'failed', step: 1 } });
    expect(await subject.apply(migrations, run2)).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await notes(subject)).toBe('1,2,3');
  });

  test('that it took effect makes the migration applied where it was the last one', async () => {
    const { subject, migrations } = await inDoubt('after', { ...files, '2_calls.sql': 'CALL note(1);\nCALL note(2);' });
    await decide(subject, migrations, 'applied');
    expect((await subject.inspect()).history[1]).toMatchObject({ state: 'applied', step: 2 });
    expect(await subject.apply(migrations, run2)).toMatchObject({ state: 'applied', applied: ['3'] });
    expect(await notes(subject)).toBe('1,2');
  });

  test('goes by the file as it was sent: what comes behind may be mended, what was sent may not', async () => {
    const { subject, migrations } = await inDoubt('after', { ...files, '2_calls.sql': 'CALL note(1);\nCALL note(2);' });
    const edited = await migrationsOf({ ...files, '2_calls.sql': 'CALL note(1);\nCALL note(20);' });
    await expect(decide(subject, edited, 'applied')).rejects.toThrow(/2 was edited up to statement 2 since/);
    await expect(decide(subject, migrations.slice(0, 1), 'applied')).rejects.toThrow(/is not among the files/);
    const longer = await migrationsOf({ ...files, '2_calls.sql': 'CALL note(1);\nCALL note(2);\nCALL note(4);' });
    await decide(subject, longer, 'applied');
    expect(await subject.apply(longer, run2)).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await notes(subject)).toBe('1,2,4');
  });

  test('is about that statement alone', async () => {
    const { subject, migrations } = await inDoubt('after');
    const history = await readHistory(subject.session, subject.database);
    expect(() => changeOf('shop', '2', migrations, history, { as: 'not applied', done: 2 })).toThrow(
      /2 has statement 2 in doubt\. Decide on that one/,
    );
  });
});

describe('a down in doubt', () => {
  const downs = {
    ...{ '1_procedure.up.sql': procedure, '1_procedure.down.sql': 'DROP PROCEDURE note(int); DROP TABLE notes;' },
    ...{ '2_calls.up.sql': 'SELECT 1;', '2_calls.down.sql': 'CALL note(8);\nCALL note(9);' },
  };
  const back: Partial<Work> = { direction: 'down', run: 'back', token: 2, installed: true, pending: ['2'] };

  /** Of its two statements, that many calls of begin, send and end come through; the last one's answer is lost. */
  const half = async (call: number) => {
    const subject = await database();
    const migrations = await migrationsOf(downs);
    await subject.apply(migrations);
    await subject.apply(migrations, back, dyingAt(call, 'after', subject.session)).catch(() => {});
    await afterDeadline(subject);
    expect(await subject.apply(migrations, back)).toMatchObject({ state: 'in doubt', failure: { migration: '2' } });
    return { subject, migrations };
  };

  const state = async (subject: Subject) => {
    const { state, step } = (await subject.inspect()).history[1]!;
    return { state, step };
  };

  test('goes on behind the statement that took effect', async () => {
    const { subject, migrations } = await half(2);
    await decide(subject, migrations, 'applied');
    expect(await state(subject)).toEqual({ state: 'reverting', step: 1 });
    expect(await subject.apply(migrations, back)).toMatchObject({ state: 'applied' });
    expect(await notes(subject)).toBe('8,9');
  });

  test('is at its end where that was the last one', async () => {
    const { subject, migrations } = await half(5);
    await decide(subject, migrations, 'applied');
    expect(await state(subject)).toEqual({ state: 'reverted', step: 2 });
    expect(await subject.apply(migrations, back)).toMatchObject({ state: 'applied' });
    expect(await notes(subject)).toBe('8,9');
  });

  test('leaves the migration applied where nothing of it took effect', async () => {
    const { subject, migrations } = await half(2);
    await subject.sql('DELETE FROM notes');
    await decide(subject, migrations, 'not applied');
    expect((await state(subject)).state).toBe('applied');
    expect(await subject.apply(migrations, back)).toMatchObject({ state: 'applied' });
    expect(await notes(subject)).toBe('8,9');
  });
});
