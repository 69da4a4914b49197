import { describe, expect, test } from 'vitest';
import { bench, migrationsOf } from './bench.ts';

const normal = bench();
const refusing = bench({ procedureCommit: 'refused' });

const files = {
  '1_table.sql': 'CREATE TABLE levels (name text);',
  '2_strict.sql':
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; INSERT INTO levels SELECT current_setting('transaction_isolation');",
  '3_normal.sql': "INSERT INTO levels SELECT current_setting('transaction_isolation');",
};

test('a migration that asks for an isolation level runs in it, and those around it do not', async () => {
  const subject = await normal.database();
  expect(await subject.apply(await migrationsOf(files))).toMatchObject({ state: 'applied', applied: ['1', '2', '3'] });
  expect(await subject.value("SELECT string_agg(name, ', ') FROM levels")).toBe('serializable, read committed');
});

describe('where the Data API allows no COMMIT in a procedure', () => {
  test('migrations are applied all the same, one call for each', async () => {
    const subject = await refusing.database();
    const { '2_strict.sql': _, ...plain } = files;
    const before = subject.session.calls();
    expect(await subject.apply(await migrationsOf(plain))).toMatchObject({ state: 'applied', applied: ['1', '3'] });
    // Install, the call that is refused, and one for each migration.
    expect(subject.session.calls() - before).toBe(4);
  });

  test('one that asks for an isolation level is refused with the reason', async () => {
    const subject = await refusing.database();
    await expect(subject.apply(await migrationsOf(files))).rejects.toThrow(/2 asks for serializable/);
  });
});
