import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../lib/local/faults/plan.ts';
import { strikeBoundaries } from './boundaries.ts';
import { control } from './control.ts';
import { engine, finish } from './drive.ts';
import { generated } from './generate.ts';
import { type Ground, openGround } from './ground.ts';
import { historyOf } from './history.ts';
import { inLanes } from './lanes.ts';
import { examine, referenceOf } from './reference.ts';
import { type Known, passes } from './run.ts';
import { count, migrationsOf, tally } from './tally.ts';

const SEED = 20_261;
const PASSES = 12;

/** What a sound tally comes to. */
const nothing = { lost: 0, double: 0, invalidIndexes: 0, identical: true, violations: [] };

describe.each([15, 18] as const)('on PostgreSQL %i, a history with every hard case', { timeout: 120_000 }, (major) => {
  let ground: Ground;
  let known: Known[];
  beforeAll(async () => {
    ground = await openGround(major);
    const histories = [
      await historyOf('test/chaos/histories/hard'),
      await historyOf('test/chaos/histories/plain'),
      await generated(SEED, 20),
    ];
    known = await Promise.all(
      histories.map(async (history) => ({ history, reference: await referenceOf(ground, history) })),
    );
  });
  afterAll(() => ground.stop());

  test('loses nothing and does nothing twice, whichever boundary its callers die at', async () => {
    const all = tally();
    await inLanes(
      known.map(({ history, reference }) => () => {
        const done = ({ id }: { id: string }) => count(all, history.name, id);
        return strikeBoundaries(ground, history, reference, all, done, false);
      }),
    );
    expect(all, `seed ${SEED}`).toMatchObject(nothing);
    expect(migrationsOf(all, 1)).toBe(58);
    expect(all.faults).toBeGreaterThan(300);
  });

  test('comes through random schedules of faults, there and back, several callers at once included', async () => {
    const all = tally();
    const histories = known.map(({ history }) => history);
    const pass = passes(ground, { seed: SEED }, histories, all);
    await inLanes(Array.from({ length: PASSES }, (_, number) => () => pass(number).then(() => {})));
    expect(all, `seed ${SEED}`).toMatchObject(nothing);
    expect(all.schedules).toBeGreaterThan(PASSES * 3);
    expect(all.faults).toBeGreaterThan(200);
  });

  test('comes through resets of real connections, with the SDK in front', async () => {
    const { history, reference } = known[1]!;
    const faults: Fault[] = [2, 4, 6].map((nth) => ({
      ...{ service: 'rds-data', operation: '*', when: 'after', kind: 'reset', on: { nth } },
    }));
    const arena = await ground.arena();
    const client = arena.client(faults, 'usual', true);
    expect(await engine.bring(arena, client, history)).toMatchObject({ state: expect.stringMatching(/applied|again/) });
    expect(client.injected()).toBeGreaterThan(0);
    expect(await finish(arena, history, engine)).toBeNull();
    expect(await examine(arena, history, reference, engine)).toMatchObject({ lost: 0, double: 0, complaints: [] });
    await arena.drop();
  });
});

test('an executor without guards is found out by the same faults', { timeout: 120_000 }, async () => {
  const all = tally();
  await control({ seed: SEED, schedules: 30 }, 17, all, { phase: () => {}, step: () => {} });
  expect(all.double).toBeGreaterThan(0);
  expect(all.lost).toBeGreaterThan(0);
});
