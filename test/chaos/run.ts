import { strikeBoundaries } from './boundaries.ts';
import { dice } from './dice.ts';
import { generated } from './generate.ts';
import { type Ground, openGround } from './ground.ts';
import { type History, historyOf } from './history.ts';
import type { Share } from './in-place.ts';
import { inLanes, LANES } from './lanes.ts';
import type { Options } from './options.ts';
import { playPass, schedulesOf, throwPass } from './pass.ts';
import { type Reference, referenceOf } from './reference.ts';
import { count, type Tally } from './tally.ts';
import { wholeRun, wholeRuns } from './whole.ts';

export type Told = { phase(name: string, of: number): void; step(by?: number): void };

export type Known = { history: History; reference: Reference };

/** The folder's own histories, those of the sample and of the caller, and generated ones. */
export const historiesOf = async ({ histories, generated: count, seed }: Options): Promise<History[]> => {
  const all = [
    await historyOf('test/chaos/histories/hard'),
    await historyOf('test/chaos/histories/plain'),
    await historyOf('migrations', 'sample'),
  ];
  for (const folder of new Set(histories)) {
    const history = await historyOf(folder);
    all.push(all.some(({ name }) => name === history.name) ? { ...history, name: folder } : history);
  }
  const made = await Promise.all(Array.from({ length: count }, (_, at) => generated(seed + at, 50)));
  return [...all, ...made];
};

/** Everything on one server: the `at`-th of those asked for, which has so many milliseconds for random schedules. */
export const chaos = async (options: Options, at: number, milliseconds: number, tally: Tally, told: Told) => {
  const ground = await openGround(options.majors[at]!);
  try {
    const histories = await historiesOf(options);
    const pass = passes(ground, options, histories, tally);
    if (options.only !== null) {
      await pass(options.only);
      return;
    }
    told.phase('random schedules', options.schedules);
    const [before, until] = [tally.schedules, Date.now() + milliseconds];
    let next = 0;
    const lane = async () => {
      while (tally.schedules - before < options.schedules && Date.now() < until) told.step(await pass(next++));
    };
    await Promise.all(Array.from({ length: LANES }, lane));

    told.phase('undisturbed', histories.length);
    const known: Known[] = [];
    const learn = (history: History) => async () => {
      known.push({ history, reference: await referenceOf(ground, history) });
      told.step();
    };
    // The longest first, so that no lane is left alone with it.
    histories.sort((a, b) => b.migrations.length - a.migrations.length || (a.name < b.name ? -1 : 1));
    await inLanes(histories.map(learn));
    await boundaries(ground, known, { of: options.majors.length, at }, tally, told);
    await wholes(ground, known, tally, told);
  } finally {
    await ground.stop();
  }
};

const boundaries = async (ground: Ground, known: Known[], share: Share, tally: Tally, told: Told) => {
  told.phase(
    'boundaries',
    known.reduce((sum, { history }) => sum + history.migrations.length, 0),
  );
  const jobs = known.map(({ history, reference }) => async () => {
    const done = ({ id }: { id: string }) => {
      count(tally, history.name, id);
      told.step();
    };
    const part = history.generated ? share : undefined;
    await strikeBoundaries(ground, history, reference, tally, done, isShort(history), part);
  });
  await inLanes(jobs);
};

/** Histories that are few and short enough for a database of its own for each fault. */
const isShort = ({ generated, migrations }: History): boolean => !generated && migrations.length <= 30;

const wholes = async (ground: Ground, known: Known[], tally: Tally, told: Told) => {
  const short = known.filter(({ history }) => isShort(history));
  const misfortunes = await Promise.all(
    short.map(async (it) => (await wholeRuns(ground, it.history)).map((misfortune) => ({ ...it, misfortune }))),
  );
  const runs = misfortunes.flat();
  told.phase('whole runs', runs.length);
  await inLanes(
    runs.map(({ history, reference, misfortune }) => async () => {
      await wholeRun(ground, history, misfortune, reference, tally);
      told.step();
    }),
  );
};

/** A pass of random schedules by number: each has dice of its own, so that one can be played again alone. */
export const passes = (ground: Ground, { seed }: Pick<Options, 'seed'>, histories: History[], tally: Tally) => {
  const all = [...histories].sort((a, b) => (a.name < b.name ? -1 : 1));
  return async (number: number): Promise<number> => {
    const own = dice(seed * 100_003 + number);
    const pass = throwPass(own, own.pick(all));
    const how = `${pass.history.name} on PostgreSQL ${ground.major}: --postgres ${ground.major} --seed ${seed} --only ${number}`;
    await playPass(ground, pass, tally, how);
    return schedulesOf(pass);
  };
};
