import { describe, expect, test } from 'vitest';
import { bench, migrationsOf, type Subject } from './bench.ts';

const { database } = bench();
const withoutCommit = bench({ procedureCommit: 'refused' });

const table = 'CREATE TABLE t (n int); INSERT INTO t VALUES (1), (1);';
const doubled = 'UPDATE t SET n = n * 2;';
const unique = 'CREATE UNIQUE INDEX CONCURRENTLY u ON t (n);';

/** Fails at the index, which is its second statement, with the first one done; is mended then. */
const mended = async (before: string, after: string, where = database) => {
  const subject = await where();
  const failed = await subject.apply(await migrationsOf({ '1_t.sql': table, '2_mixed.sql': before }));
  expect(failed).toMatchObject({ state: 'failed', failure: { migration: '2', statement: 2, sqlstate: '23505' } });
  const files = { '1_t.sql': table, '2_mixed.sql': after, '3_after.sql': 'UPDATE t SET n = n + 1;' };
  const again = async () => subject.apply(await migrationsOf(files), { run: 'run-2', token: 2 });
  return { subject, again };
};

const standing = (subject: Subject) =>
  subject.value(
    "SELECT concat_ws(' ', (SELECT string_agg(n::text, ',') FROM t), state, step, jsonb_array_length(timings)) FROM lockstep.history WHERE migration = '2'",
  );

describe('a migration that failed half-way, with the transactional statements before that done', () => {
  test('goes on with what was put before the statement that failed', async () => {
    const { subject, again } = await mended(
      `${doubled} ${unique}`,
      `${doubled} DELETE FROM t a USING t b WHERE a.ctid < b.ctid; ${unique} UPDATE t SET n = n * 5;`,
    );
    expect(await again()).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await standing(subject)).toBe('11 applied 4 4');
    expect(await again()).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await standing(subject)).toBe('11 applied 4 4');
  });

  test('goes on with what stands in the place of the statement that failed', async () => {
    const { subject, again } = await mended(`${doubled} ${unique}`, `${doubled} UPDATE t SET n = n * 5;`);
    expect(await again()).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await standing(subject)).toBe('11,11 applied 2 2');
  });

  test('is applied when nothing is left of it but what is done', async () => {
    const { subject, again } = await mended(`${doubled} ${unique}`, doubled);
    expect(await again()).toMatchObject({ state: 'applied', applied: ['2', '3'] });
    expect(await standing(subject)).toBe('3,3 applied 1 1');
  });

  test('keeps what is done of it: an edit of that is refused, and nothing happens', async () => {
    const { subject, again } = await mended(`${doubled} ${unique}`, 'UPDATE t SET n = n * 3; UPDATE t SET n = n * 5;');
    await expect(again()).rejects.toThrow(/2 got half-way there, and what is done of it was edited since/);
    expect(await standing(subject)).toBe('2,2 failed 1 1');
  });

  test('does not go on without what the statements done had set', async () => {
    const locked = 'CREATE TABLE s AS SELECT set_config($$work_mem$$, $$77MB$$, false);';
    const { subject, again } = await mended(`${locked} ${unique}`, `${locked} ${doubled}`);
    await expect(again()).rejects.toThrow(
      /set something in its session.+Put that next statement between BEGIN and COMMIT/,
    );
    expect(await standing(subject)).toBe('1,1 failed 1 1');
  });

  test('goes on between BEGIN and COMMIT, and where a procedure may not commit', async () => {
    const after = `${doubled} BEGIN; UPDATE t SET n = n * 5; COMMIT;`;
    for (const where of [database, withoutCommit.database]) {
      const { subject, again } = await mended(`${doubled} ${unique}`, after, where);
      expect(await again()).toMatchObject({ state: 'applied', applied: ['2', '3'] });
      expect(await standing(subject)).toBe('11,11 applied 2 2');
    }
  });
});
