import { expect, test } from 'vitest';
import { runKills } from './run-kills.ts';

test('a runtime that is killed at random brings every healthy database up once, and names the poisoned one', async () => {
  const options = { databases: 12, clusters: 3, kills: 3, seed: 20_261 };
  expect(await runKills(options, () => {})).toEqual({
    ...{ databases: 12, kills: 3, applied: 11, doubles: 0, poisoned: 1, named: 1, complaints: [] },
    seconds: expect.any(Number),
  });
}, 240_000);
