import { describe, expect, test } from 'vitest';
import { restorePointIdentifier } from '../../lib/fleet/restore-point/own.ts';
import { stage } from './stage.ts';

const it = stage();

const first = {
  '1_tables.sql': 'CREATE TABLE items (id int PRIMARY KEY); INSERT INTO items VALUES (1);',
  '2_index.sql': 'CREATE INDEX CONCURRENTLY items_id ON items (id);',
};
const second = { ...first, '3_more.sql': 'ALTER TABLE items ADD name text;' };
const broken = {
  ...second,
  '4_broken.sql':
    '-- three statements\nCREATE TABLE gifts (id int);\nINSERT INTO gifts VALUES (1);\nINSERT INTO gifts (id, nope)\n  VALUES (2, 3);\n',
};
const mended = { ...second, '4_broken.sql': 'CREATE TABLE gifts (id int);' };

// These tests tell one story, in this order, of one environment.
describe('an environment without approval', () => {
  test('is brought to the newest migration, every database alike, each cluster with its snapshot', async () => {
    const result = await it.run('staging', first);
    expect(result).toMatchObject({ status: 'SUCCEEDED', failure: null, approvals: [] });
    expect(
      result.databases.map(({ cluster, database, applied, pending }) => [cluster, database, applied, pending]),
    ).toEqual([
      ['orders-staging-1', 'acme', ['1', '2'], []],
      ['orders-staging-1', 'globex', ['1', '2'], []],
      ['orders-staging-2', 'initech', ['1', '2'], []],
      ['orders-staging-3', 'umbrella', ['1', '2'], []],
    ]);
    expect(new Set(result.databases.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    for (const { cluster, snapshot } of result.databases) expect(await it.snapshots(cluster)).toEqual([snapshot]);
    expect(await it.leaseOwner('staging')).toBeUndefined();
  });

  test('has nothing to do the second time: no snapshot, one Data API call per database, the same fingerprints', async () => {
    const result = await it.run('staging', first);
    expect(result.databases.flatMap(({ applied, pending, snapshot }) => [...applied, ...pending, snapshot])).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(result.dataApiCalls).toBe(4);
    expect(await it.snapshots('orders-staging-1')).toHaveLength(1);
  });

  test('costs one call to plan, one to apply and one to verify per database once Lockstep is installed there', async () => {
    const result = await it.run('staging', second);
    expect(result.databases.every(({ applied }) => applied.join() === '3')).toBe(true);
    // And for all of them together 3 to measure tables, in the largest three, and 1 to keep the schema that they show now.
    expect(result.dataApiCalls).toBe(12 + 3 + 1);
    expect(result.databases.map(({ dataApiCalls }) => dataApiCalls)).toEqual([3, 3, 3, 3]);
    const report = JSON.parse(await it.object('staging', `runs/${result.execution.split(':').at(-1)}/report.json`));
    expect(report.dataApiCalls).toBe(12 + 3 + 1);
  });

  test('stops at a failing statement: file, line and reason told, no trace left, later waves untouched, lease free', async () => {
    const result = await it.run('staging', broken);
    expect(result.status).toBe('FAILED');
    expect(result.failure?.error).toBe('MigrationFailed');
    expect(result.failure?.cause).toContain(
      'orders-staging-1/acme: 4_broken.sql:4: statement 3: column "nope" of relation "gifts" does not exist (SQLSTATE 42703)',
    );
    const [acme, globex, initech] = result.databases;
    expect(acme?.failed).toMatchObject({
      migration: '4',
      file: '4_broken.sql',
      statement: 3,
      line: 4,
      sqlstate: '42703',
    });
    expect(acme?.snapshot).toMatch(/^lockstep-orders-staging-1-/);
    // None may fail: whoever had not begun does not, in the same cluster either.
    expect(globex).toMatchObject({ verdict: 'skipped', failed: null, applied: [], pending: ['4'] });
    expect(initech).toMatchObject({ failed: null, applied: [], pending: ['4'], snapshot: null });
    expect(await it.sql('orders-staging-1', 'acme', "SELECT to_regclass('gifts') IS NULL")).toBe(true);
    expect(await it.leaseOwner('staging')).toBeUndefined();
  });

  test('goes on once the file is mended', async () => {
    const result = await it.run('staging', mended);
    expect(result.status).toBe('SUCCEEDED');
    expect(result.databases.map(({ applied }) => applied)).toEqual([['4'], ['4'], ['4'], ['4']]);
  });

  test('refuses a file that was edited after it was applied, in every database, before anything is touched', async () => {
    const result = await it.run('staging', { ...mended, '3_more.sql': 'ALTER TABLE items ADD name varchar;' });
    expect(result.failure?.error).toBe('PlanRefused');
    expect(result.failure?.cause).toContain('orders-staging-3/umbrella: 3_more.sql was edited after it was applied');
    expect(await it.leaseOwner('staging')).toBeUndefined();
  });

  test('is found out when one of its databases has been changed by hand, and told what that has besides', async () => {
    const files = { ...mended, '5_view.sql': 'CREATE VIEW all_items AS SELECT id FROM items;' };
    const byHand =
      'The fleet has 2 different schemas: 3 alike; 1 (orders-staging-2/initech) has index public.by_hand besides.';
    await it.sql('orders-staging-2', 'initech', 'CREATE INDEX by_hand ON items (name)');
    const result = await it.run('staging', files);
    expect(result).toMatchObject({ status: 'FAILED', failure: { error: 'FingerprintsDiffer', cause: byHand } });
    // Three for each database, and one for each schema.
    expect(result.dataApiCalls).toBe(14);

    const idle = await it.run('staging', files);
    expect(idle.databases.every(({ applied, pending }) => applied.length + pending.length === 0)).toBe(true);
    expect(idle.failure).toEqual({ error: 'FingerprintsDiffer', cause: byHand });
    const report = JSON.parse(await it.object('staging', `runs/${idle.run}/report.json`));
    expect(report).toMatchObject({ dataApiCalls: 6, differences: idle.differences });
    expect(idle.differences?.groups).toMatchObject([
      { count: 3, read: 'orders-staging-1/acme', differences: [] },
      {
        databases: ['orders-staging-2/initech'],
        differences: [{ is: 'not expected', count: 1, objects: ['index public.by_hand'] }],
      },
    ]);
    await it.sql('orders-staging-2', 'initech', 'DROP INDEX by_hand');
  });

  test('is told what each of its databases lacks, has besides, and has otherwise, until they are alike again', async () => {
    const files = { ...mended, '5_view.sql': 'CREATE VIEW all_items AS SELECT id FROM items;' };
    const acme = (sql: string) => it.sql('orders-staging-1', 'acme', sql);
    await acme('ALTER TABLE items ADD note text');
    await acme('DROP INDEX items_id');
    await it.sql(
      'orders-staging-3',
      'umbrella',
      'CREATE OR REPLACE VIEW all_items AS SELECT id FROM items WHERE id > 1',
    );
    const result = await it.run('staging', files);
    expect(result.failure).toEqual({
      error: 'FingerprintsDiffer',
      cause:
        'The fleet has 3 different schemas: 2 alike; 1 (orders-staging-1/acme) lacks index public.items_id, and has ' +
        'column public.items.note besides; 1 (orders-staging-3/umbrella) has another definition of view public.all_items.',
    });
    await acme('ALTER TABLE items DROP note');
    await acme('CREATE INDEX items_id ON items (id)');
    await it.sql('orders-staging-3', 'umbrella', 'CREATE OR REPLACE VIEW all_items AS SELECT id FROM items');
    expect((await it.run('staging', files)).status).toBe('SUCCEEDED');
  });

  test('tells what was applied before a connection broke, and during which migration it did', async () => {
    const files = {
      ...mended,
      '5_view.sql': 'CREATE VIEW all_items AS SELECT id FROM items;',
      '6_fine.sql': 'CREATE TABLE fine (id int);',
      '7_breaks.sql': 'SELECT pg_terminate_backend(pg_backend_pid());',
    };
    const result = await it.run('staging', files);
    expect(result.databases[0]).toMatchObject({
      applied: ['6'],
      pending: ['7'],
      failed: { migration: '7', sqlstate: '57P01' },
    });
    const { '7_breaks.sql': _, ...sound } = files;
    expect((await it.run('staging', sound)).status).toBe('SUCCEEDED');
  });

  test('sends no SQL to a cluster whose snapshot can not be taken, and says why', async () => {
    const run = 'no-restore-point';
    const { stateMachineArn } = it.pipeline('staging');
    const execution = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${run}`;
    await it.takeSnapshot('orders-staging-1', restorePointIdentifier('orders-staging-1', execution));
    const files = {
      ...mended,
      '5_view.sql': 'CREATE VIEW all_items AS SELECT id FROM items;',
      '6_fine.sql': 'CREATE TABLE fine (id int);',
      '8_new.sql': 'SELECT 1',
    };
    const report = await it.runAs(run, 'staging', files);
    expect(report.failure).toMatchObject({ error: 'RestorePointFailed' });
    expect(report.failure?.cause).toContain('orders-staging-1/acme: RestorePointFailed: orders-staging-1: snapshot');
    expect(report.databases.map(({ applied }) => applied)).toEqual([[], [], [], []]);
  });

  test('names the database that can not be reached, and touches none', async () => {
    await it.sql('orders-staging-3', 'umbrella', 'CREATE DATABASE other');
    await it.sql(
      'orders-staging-3',
      'other',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'umbrella'",
    );
    await it.sql('orders-staging-3', 'other', 'ALTER DATABASE umbrella RENAME TO elsewhere');
    const result = await it.run('staging', {
      ...mended,
      '5_view.sql': 'CREATE VIEW all_items AS SELECT id FROM items;',
      '6_fine.sql': 'CREATE TABLE fine (id int);',
      '7_more.sql': 'SELECT 1',
    });
    expect(result.failure).toMatchObject({ error: 'PlanRefused' });
    expect(result.failure?.cause).toMatch(/orders-staging-3\/umbrella: .*umbrella/);
    expect(await it.sql('orders-staging-1', 'acme', 'SELECT max(migration) FROM lockstep.history')).toBe('6');
  });
});
