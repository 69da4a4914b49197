import { dice } from './dice.ts';
import { openGround } from './ground.ts';
import { historyOf } from './history.ts';
import { inLanes } from './lanes.ts';
import { naive } from './naive.ts';
import type { Options } from './options.ts';
import { referenceOf } from './reference.ts';
import type { Known, Told } from './run.ts';
import { play, throwSchedule } from './schedule.ts';
import { count, type Tally } from './tally.ts';

/**
 * The same faults for an executor without guards. Undisturbed it must do its work without a complaint, so that whatever
 * is found later was done by the faults.
 */
export const control = async (
  { seed, schedules }: Pick<Options, 'seed' | 'schedules'>,
  major: Options['majors'][number],
  tally: Tally,
  told: Told,
): Promise<void> => {
  const ground = await openGround(major);
  try {
    const histories = [await historyOf('test/chaos/histories/plain'), await historyOf('migrations', 'sample')];
    const known: Known[] = [];
    for (const history of histories) known.push({ history, reference: await referenceOf(ground, history) });
    for (const { history, reference } of known) {
      const before = tally.violations.length;
      const how = `${history.name}, undisturbed`;
      await play(ground, history, { temper: 'usual', http: false, turns: [] }, naive, { reference, tally, how });
      if (tally.violations.length > before)
        throw new Error(`The control is not fair: ${JSON.stringify(tally.violations)}`);
      for (const { id } of history.migrations) count(tally, history.name, id);
    }
    told.phase('random schedules without guards', schedules);
    await inLanes(
      Array.from({ length: schedules }, (_, number) => async () => {
        const own = dice(seed * 100_003 + number);
        const { history, reference } = own.pick(known);
        const how = `${history.name} on PostgreSQL ${major}, schedule ${number}`;
        await play(ground, history, throwSchedule(own, history.migrations), naive, { reference, tally, how });
        told.step();
      }),
    );
  } finally {
    await ground.stop();
  }
};
