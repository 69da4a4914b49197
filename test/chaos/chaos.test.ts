import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../lib/local/faults/plan.ts';
import { strikeBoundaries } from './boundaries.ts';
import { control } from './control.ts';
import { dice } from './dice.ts';
import { engine, finish } from './drive.ts';
import { generated } from './generate.ts';
import { type Ground, openGround } from './ground.ts';
import { historyOf } from './history.ts';
import { examine, referenceOf } from './reference.ts';
import { inLanes, type Known } from './run.ts';
import { play, throwSchedule } from './schedule.ts';
import { tally } from './tally.ts';

const SEED = 20_261;
const SCHEDULES = 200;

/** What a sound tally comes to. */
const nothing = { lost: 0, double: 0, invalidIndexes: 0, identical: true, violations: [] };

describe('a history with every hard case', { timeout: 120_000 }, () => {
  let ground: Ground;
  const known: Known[] = [];
  beforeAll(async () => {
    ground = await openGround(17);
    for (const history of [
      await historyOf('test/chaos/histories/hard'),
      await historyOf('test/chaos/histories/plain'),
      await generated(SEED, 20),
    ]) {
      known.push({ history, reference: await referenceOf(ground, history) });
    }
  });
  afterAll(() => ground.stop());

  test('loses nothing and does nothing twice, whichever boundary its callers die at', async () => {
    const all = tally();
    await inLanes(
      known.map(
        ({ history, reference }) =>
          () =>
            strikeBoundaries(ground, history, reference, all, () => {}, false),
      ),
    );
    expect(all).toMatchObject(nothing);
    expect(all.migrations).toBe(58);
    expect(all.faults).toBeGreaterThan(300);
  });

  test('comes through random schedules of faults, several callers at once included', async () => {
    const all = tally();
    await inLanes(
      Array.from({ length: SCHEDULES }, (_, number) => async () => {
        const own = dice(SEED * 100_003 + number);
        const { history, reference } = own.pick(known);
        const schedule = throwSchedule(own, history);
        const how = `schedule ${number} of ${history.name}: ${JSON.stringify(schedule)}`;
        await play(ground, history, schedule, engine, { reference, tally: all, how });
      }),
    );
    expect(all).toMatchObject(nothing);
    expect(all.faults).toBeGreaterThan(SCHEDULES);
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
    const complaint = await finish(arena, history, engine);
    expect(await examine(arena, history, reference, engine, complaint)).toMatchObject({
      lost: 0,
      double: 0,
      complaints: [],
    });
    await arena.drop();
  });
});

test('an executor without guards is found out by the same faults', { timeout: 120_000 }, async () => {
  const all = tally();
  await control({ seed: SEED, schedules: 30 }, 17, all, { phase: () => {}, step: () => {} });
  expect(all.double).toBeGreaterThan(0);
  expect(all.lost).toBeGreaterThan(0);
});
