import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Change } from '../../lib/cli/changes.ts';
import type { StatusDocument } from '../../lib/cli/status-document.ts';
import { folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';
import { stage } from './stage.ts';

const it = stage();

const files = {
  '001_customers.sql': 'CREATE TABLE customers (id int);',
  '002_orders.sql': 'CREATE TABLE orders (id int);',
};

// The command finds AWS by the SDK's usual configuration.
beforeAll(() => {
  for (const [name, value] of Object.entries(it.deployed.cloud.environment())) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

const status = async (...line: string[]) => {
  const { exitCode, stdout } = await lockstep('status', ...line, '--json');
  return { exitCode, stdout, found: JSON.parse(stdout) as StatusDocument };
};

test('environments are held against files and against each other', async () => {
  await it.run('staging', files);
  const { exitCode, found } = await status('--dir', await folderOf({ ...files, '003_items.sql': 'SELECT 1;' }));
  expect(exitCode).toBe(0);
  expect(found.environments.map(({ environment }) => environment)).toEqual(['staging', 'production']);
  expect(found.migrations.map(({ migration, applied }) => [migration, ...applied])).toEqual([
    ['001', 4, 0],
    ['002', 4, 0],
    ['003', 0, 0],
  ]);
});

test('a column added by hand, an edited file and an unknown environment are told', async () => {
  await it.sql('orders-staging-2', 'initech', 'ALTER TABLE orders ADD by_hand int');
  const edited = { ...files, '001_customers.sql': 'CREATE TABLE customers (id bigint);' };
  const { exitCode, stdout } = await lockstep('status', 'staging', '--dir', await folderOf(edited));
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^ +1 {2}002 orders {2}001 edited; drifted: orders-staging-2\/initech$/m);
  const { exitCode: usage, stderr } = await lockstep('status', 'elsewhere', '--dir', await folderOf(files));
  expect({ usage, stderr }).toEqual({ usage: 2, stderr: expect.stringMatching(/There is no environment elsewhere/) });
});

test('what was read in one account is shown together with another, and anything else is refused', async () => {
  const file = join(tmpdir(), `lockstep-status-${process.pid}.json`);
  await writeFile(file, (await status('staging', '--dir', await folderOf(files))).stdout);
  const { found } = await status('production', '--with', file, '--dir', await folderOf(files));
  expect(found.environments.map(({ environment }) => environment)).toEqual(['staging', 'production']);
  await writeFile(file, JSON.stringify({ ...found, service: 'billing' }));
  const refused = await lockstep('status', '--service', 'orders', '--with', file, '--dir', await folderOf(files));
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SeveralServices: .*orders, billing/) });
  await writeFile(file, '{"service": "orders"}');
  const { exitCode, stderr } = await lockstep('status', '--with', file);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^StatusUnreadable: .* is not what lockstep status --json prints/);
});

test('history is searched in all environments by migration, person and time', async () => {
  const run = await it.run('production', files);
  const { exitCode, stdout } = await lockstep('history', '--migration', '001', '--since', '365d', '--json');
  const { changes } = JSON.parse(stdout) as { changes: Change[] };
  expect(exitCode).toBe(0);
  expect(new Set(changes.map(({ environment }) => environment))).toEqual(new Set(['staging', 'production']));
  const inProduction = changes.filter(({ environment }) => environment === 'production');
  expect(inProduction.every((it) => it.run === run.run && it.approvedBy.length === 1)).toBe(true);
  const approver = inProduction[0]!.approvedBy[0]!;
  const byPerson = await lockstep('history', 'production', '--person', approver.toUpperCase());
  expect(byPerson.stdout).toContain(approver);
  const none = await lockstep('history', '--person', 'nobody at all');
  expect(none).toMatchObject({ exitCode: 0, stdout: 'Nothing like that was ever done.\n' });
  expect(await lockstep('history', 'production', 'orders-9/acme', '--since', '7d')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/There is no database orders-9\/acme/),
  });
  expect((await lockstep('history', '--since', 'yesterday')).exitCode).toBe(2);
});
