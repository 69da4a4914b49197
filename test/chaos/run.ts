import { strikeBoundaries } from './boundaries.ts';
import { dice } from './dice.ts';
import { type Executor, engine } from './drive.ts';
import { generated } from './generate.ts';
import { type Ground, openGround } from './ground.ts';
import { beginning, type History, historyOf } from './history.ts';
import type { Options } from './options.ts';
import { type Reference, referenceOf } from './reference.ts';
import { play, throwSchedule } from './schedule.ts';
import type { Tally } from './tally.ts';
import { wholeRun, wholeRuns } from './whole.ts';

export type Told = { phase(name: string, of: number): void; step(): void };

export type Known = { history: History; reference: Reference };
type Job = () => Promise<void>;

/** Databases that are at work at the same time: while one waits, another one works. */
const LANES = 6;

/** The folder's own histories, those of the sample and of the caller, and generated ones. */
export const historiesOf = async ({ histories, generated: count, seed }: Options): Promise<History[]> => {
  const own = [
    await historyOf('test/chaos/histories/hard'),
    await historyOf('test/chaos/histories/plain'),
    await historyOf('migrations', 'sample'),
  ];
  const given = await Promise.all(histories.map((folder) => historyOf(folder)));
  const made = await Promise.all(Array.from({ length: count }, (_, at) => generated(seed + at, 50)));
  return [...own, ...given, ...made];
};

/** Everything on one server. */
export const chaos = async (
  options: Options,
  major: Options['majors'][number],
  until: number,
  tally: Tally,
  told: Told,
) => {
  const ground = await openGround(major);
  try {
    const histories = await historiesOf(options);
    told.phase('undisturbed', histories.length);
    const known: Known[] = [];
    const learn = (history: History) => async () => {
      known.push({ history, reference: await referenceOf(ground, history) });
      told.step();
    };
    await inLanes(histories.map(learn));
    known.sort((a, b) => b.history.migrations.length - a.history.migrations.length);
    const short = known.filter(({ history }) => history.migrations.length <= SHORT);
    for (const { history } of known.filter(({ history }) => history.migrations.length > SHORT)) {
      const first = beginning(history, SHORT);
      short.push({ history: first, reference: await referenceOf(ground, first) });
    }
    short.sort((a, b) => (a.history.name < b.history.name ? -1 : 1));
    if (options.only !== null) return await schedule(ground, options, short, engine, tally)(options.only);

    told.phase(
      'boundaries',
      known.reduce((sum, { history }) => sum + history.migrations.length, 0),
    );
    await inLanes(
      known.map(
        ({ history, reference }) =>
          () =>
            strikeBoundaries(ground, history, reference, tally, told.step, history.migrations.length <= SHORT),
      ),
    );

    const whole = known.filter(
      ({ history }) => !history.name.startsWith('generated') && history.migrations.length <= SHORT,
    );
    const runs = (
      await Promise.all(
        whole.map(async (it) => (await wholeRuns(ground, it.history)).map((misfortune) => ({ ...it, misfortune }))),
      )
    ).flat();
    told.phase('whole runs', runs.length);
    await inLanes(
      runs.map(({ history, reference, misfortune }) => async () => {
        await wholeRun(ground, history, misfortune, reference, tally);
        told.step();
      }),
    );

    told.phase('random schedules', options.schedules);
    const one = schedule(ground, options, short, engine, tally);
    await inLanes(
      Array.from({ length: options.schedules }, (_, number) => async () => {
        if (Date.now() < until) await one(number);
        told.step();
      }),
    );
  } finally {
    await ground.stop();
  }
};

/** Histories with at most so many migrations are gone through as a whole; of longer ones their beginning. */
const SHORT = 30;

/** Schedule by number: each has dice of its own, so that one can be played again alone. */
const schedule =
  (ground: Ground, { seed }: Options, known: Known[], executor: Executor, tally: Tally) =>
  async (number: number) => {
    const own = dice(seed * 100_003 + number);
    const { history, reference } = own.pick(known);
    const thrown = throwSchedule(own, history);
    const how = `${history.name} on PostgreSQL ${ground.major}: --postgres ${ground.major} --seed ${seed} --only ${number}, ${JSON.stringify(thrown)}`;
    await play(ground, history, thrown, executor, { reference, tally, how });
  };

export const inLanes = async (jobs: Job[], lanes = LANES): Promise<void> => {
  const queue = [...jobs];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await next();
  };
  await Promise.all(Array.from({ length: lanes }, work));
};
