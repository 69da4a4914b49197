import { beforeAll, describe, expect, test, vi } from 'vitest';
import { folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';
import { stage } from './stage.ts';

const it = stage();

const files = {
  '001_customers.sql': 'CREATE TABLE customers (id int);',
  '002_orders.sql': 'CREATE TABLE orders (id int);',
  '003_items.sql': 'CREATE TABLE items (id int);',
};

// The commands find AWS by the SDK's usual configuration.
beforeAll(() => {
  for (const [name, value] of Object.entries(it.deployed.cloud.environment())) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

const json = async (...line: string[]) => {
  const { exitCode, stdout, stderr } = await lockstep(...line, '--json');
  return { exitCode, stderr, result: JSON.parse(stdout) };
};

describe('adopting a fleet that dbmate has looked after', () => {
  const baseline = ['baseline', 'staging', '--all', '--from', 'dbmate'];

  beforeAll(async () => {
    for (const [cluster, database] of fleet) {
      await it.sql(cluster, database, 'CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY)');
      await it.sql(cluster, database, "INSERT INTO schema_migrations VALUES ('001'), ('002')");
      await it.sql(cluster, database, 'CREATE TABLE customers (id int)');
      await it.sql(cluster, database, 'CREATE TABLE orders (id int)');
    }
  });

  test('shows what it would do, and does nothing without being told to', async () => {
    const { exitCode, stdout, stderr } = await lockstep(...baseline, '--dir', await folderOf(files));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/orders-staging-1 {2}acme +2 {2}002 +2 {2}002_orders\.sql {2}003_items\.sql\n/);
    expect(stderr).toMatch(/NotConfirmed: Nothing was changed: .* --yes/);
    expect(await it.sql('orders-staging-1', 'acme', "SELECT to_regnamespace('lockstep') IS NULL")).toBe(true);
  });

  test('is refused everywhere when one database is not what the files say', async () => {
    await it.sql('orders-staging-3', 'umbrella', "INSERT INTO schema_migrations VALUES ('009')");
    const { exitCode, result } = await json(...baseline, '--yes', '--dir', await folderOf(files));
    expect(exitCode).toBe(1);
    expect(result.databases.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      ...['unchanged', 'unchanged', 'unchanged', 'refused'],
    ]);
    expect(result.databases[3].problems[0]).toMatch(/^dbmate: lists 009, and no file has the number 009/);
    await it.sql('orders-staging-3', 'umbrella', "DELETE FROM schema_migrations WHERE version = '009'");
  });

  test('marks what is there, says where schemas differ, and changes nothing the second time', async () => {
    await it.sql('orders-staging-2', 'initech', 'ALTER TABLE orders ADD forgotten int');
    const folder = await folderOf(files);
    const { exitCode, result } = await json(...baseline, '--yes', '--dir', folder);
    expect(exitCode).toBe(0);
    expect(result.databases.map(({ marked }: { marked: string[] }) => marked)).toEqual(Array(4).fill(['001', '002']));
    expect(result.warnings).toEqual([
      'orders-staging-2/initech would be at the same migration as orders-staging-1/acme, but has another schema',
    ]);
    const again = await json(...baseline, '--dir', folder);
    expect(again).toMatchObject({ exitCode: 0, result: { databases: Array(4).fill({ outcome: 'unchanged' }) } });
    await it.sql('orders-staging-2', 'initech', 'ALTER TABLE orders DROP forgotten');
  });

  test('lets a run go on behind it', async () => {
    const { status, databases } = await it.run('staging', files);
    expect(status).toBe('SUCCEEDED');
    expect(databases.map(({ applied }) => applied)).toEqual(Array(4).fill(['003']));
  });
});

describe('a migration that fails in one database', () => {
  const failing = { ...files, '004_once.sql': 'CREATE TABLE once (id int);' };

  test('is told by history, overruled by resolve, and kept in both', async () => {
    await it.sql('orders-staging-1', 'acme', 'CREATE TABLE once (id int)');
    expect((await it.run('staging', failing)).status).toBe('FAILED');

    const before = await lockstep('history', 'staging');
    expect(before.exitCode).toBe(1);
    expect(before.stdout).toMatch(/orders-staging-1 {2}acme +3 {2}003 .* 004 failed\n/);

    const line = ['resolve', 'staging', 'acme', '004', '--as', 'applied', '--reason', 'made by hand'];
    const shown = await lockstep(...line, '--dir', await folderOf(failing));
    expect(shown.exitCode).toBe(1);
    expect(shown.stdout).toContain('Nothing would be pending.');
    const resolved = await json(...line, '--yes', '--dir', await folderOf(failing));
    expect(resolved).toMatchObject({
      exitCode: 0,
      result: { migration: '004', verdict: 'applied', before: { state: 'failed' }, after: { state: 'applied' } },
    });

    const after = await json('history', 'staging', 'orders-staging-1/acme');
    expect(after.exitCode).toBe(0);
    expect(after.result.history.map(({ migration, state }: Row) => `${migration} ${state}`)).toEqual([
      ...['001 applied', '002 applied', '003 applied', '004 applied'],
    ]);
    expect(after.result.resolutions).toMatchObject([
      { verdict: 'baseline' },
      { migration: '004', verdict: 'applied', reason: 'made by hand' },
    ]);
    const { stdout } = await lockstep('history', 'staging', 'acme');
    expect(stdout).toMatch(/004 marked as applied by .*\n {2}made by hand\n\n4 migrations applied\n/);
    expect((await it.run('staging', failing)).status).toBe('SUCCEEDED');
  });
});

describe('a name that is not there', () => {
  test.each([
    [['history', 'nowhere'], 'UnknownEnvironment'],
    [['history', 'staging', 'nobody'], 'UnknownDatabase'],
    [['baseline', 'staging', '--from', 'dbmate'], 'error: name a database'],
    [['resolve', 'staging', 'acme', '001', '--as', 'applied', '--reason', ' '], "error: option '--reason"],
  ])('%j is wrong usage', async (line, words) => {
    const { exitCode, stderr } = await lockstep(...line);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });
});

type Row = { migration: string; state: string };

const fleet = [
  ['orders-staging-1', 'acme'],
  ['orders-staging-1', 'globex'],
  ['orders-staging-2', 'initech'],
  ['orders-staging-3', 'umbrella'],
] as const;
