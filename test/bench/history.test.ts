import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspect } from '../../lib/migrations/build.ts';
import { lockstep } from '../helpers/lockstep.ts';
import { changes } from './history.ts';
import { LAYOUTS } from './layouts.ts';

const folder = join(tmpdir(), `lockstep-bench-history-${process.pid}`);

beforeAll(() => LAYOUTS.lockstep(folder, changes()));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the history that is measured is the same at every run', () => {
  expect(changes()).toEqual(changes());
  expect(new Set(changes().map(({ name }) => name)).size).toBe(360);
});

test('its files are accepted by check', async () => {
  const { exitCode, stdout, stderr } = await lockstep('check', folder);
  expect([exitCode, stderr]).toEqual([0, '']);
  // What it renames, as histories do, is risky while an application runs; nothing runs here.
  expect(stdout).toMatch(/^360 migrations, 1260 statements, no problems, \d+ warnings/m);
});

test('holds tables, columns, indexes, constraints, views, functions and rows, each with a way back', async () => {
  const { migrations } = await inspect(folder);
  const kinds = new Set(migrations.flatMap(({ up }) => up.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual([
    ...['AlterTableStmt', 'CommentStmt', 'CreateFunctionStmt', 'CreateStmt', 'CreateTrigStmt', 'IndexStmt'],
    ...['InsertStmt', 'RenameStmt', 'UpdateStmt', 'ViewStmt'],
  ]);
  expect(migrations.filter(({ down, mode }) => down === null || mode === 'stepwise')).toEqual([]);
});
