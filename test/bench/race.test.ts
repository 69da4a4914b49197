import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contestants } from './contestants.ts';
import { type Ground, openGround } from './ground.ts';
import { changes } from './history.ts';
import { race } from './race.ts';

let folder: string;
let ground: Ground;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-race-'));
  // PostgreSQL doesn't run as root.
  await chmod(folder, 0o711);
  ground = await openGround(folder);
});
afterAll(async () => {
  await ground?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('all that are measured bring two databases to the same schema and rows', async () => {
  const history = changes().slice(0, 24);
  const all = await contestants(folder, ground.endpoint, history);
  const field = await race({ ground, contestants: all, folder, migrations: history.length }, 2, 1, () => {});
  expect(field.map(({ contestant, times }) => [contestant.name, times.length])).toEqual([
    ['lockstep', 1],
    ['lockstep, bundling first', 1],
    ['dbmate', 1],
    ['node-pg-migrate', 1],
  ]);
});
