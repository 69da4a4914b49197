import type { Fault } from '../../lib/local/faults/plan.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { type Fate, fated } from './caller.ts';
import type { Dice } from './dice.ts';
import { type Executor, finish } from './drive.ts';
import { type Ground, TEMPERS, type Temper } from './ground.ts';
import type { History } from './history.ts';
import { examine, type Reference } from './reference.ts';
import { add, type Findings, nothingFound, type Tally } from './tally.ts';

/** What several callers of one database run into, one after another or at once. */
export type Schedule = {
  temper: Temper;
  http: boolean;
  /** Callers of one turn are at work at the same time. */
  turns: Caller[][];
};

type Caller = {
  fate: Omit<Fate, 'sleep'> & { sleep?: { call: number } };
  faults: Fault[];
  token: number;
};

/** A schedule by chance. The same dice throw the same. */
export const throwSchedule = (dice: Dice, { migrations, needsCommit }: History): Schedule => {
  const turns = Array.from({ length: 1 + dice.below(3) }, () => {
    const callers = dice.pick([1, 1, 1, 2, 2, 3]);
    return Array.from({ length: callers }, () => throwCaller(dice, migrations));
  });
  // An old owner wakes up when somebody newer is through.
  if (dice.chance(0.2))
    turns.at(-1)!.unshift({ ...throwCaller(dice, migrations), fate: { sleep: { call: call(dice) } }, token: 1 });
  const tempers = (Object.keys(TEMPERS) as Temper[]).filter((it) => it !== 'strict' || !needsCommit);
  return { temper: dice.pick(tempers), http: dice.chance(0.15), turns };
};

const throwCaller = (dice: Dice, migrations: Migration[]): Caller => ({
  token: dice.chance(0.3) ? 2 + dice.below(2) : 1,
  fate: throwFate(dice, migrations),
  faults: Array.from({ length: dice.below(3) }, () => throwFault(dice)),
});

const throwFate = (dice: Dice, migrations: Migration[]): Caller['fate'] => ({
  ...(dice.chance(0.6) && { death: { call: call(dice), when: dice.pick(['before', 'during', 'after'] as const) } }),
  ...(dice.chance(0.5) && { kill: throwKill(dice, dice.pick(migrations)) }),
  ...(dice.chance(0.2) && { termination: { nth: 1 + dice.below(3), blocked: dice.chance(0.5) } }),
  ...(dice.chance(0.15) && { rotation: call(dice) }),
});

/** Most runs take few calls; some take many. */
const call = (dice: Dice): number => 1 + dice.below(dice.pick([3, 8, 20]));

const throwKill = (dice: Dice, { id, up }: Migration): NonNullable<Fate['kill']> => ({
  migration: id,
  statement: dice.below(Math.max(1, up.length)),
  when: dice.pick(['before', 'after'] as const),
});

const throwFault = (dice: Dice): Fault => {
  const before = dice.chance(0.4);
  const kind = before
    ? dice.pick(['reset', '500', '503', 'throttling', 'resuming', 'latency'] as const)
    : dice.pick(['reset', '500', '503', '504', 'timeout', 'latency'] as const);
  return {
    ...{ service: 'rds-data', operation: '*', when: before ? 'before' : 'after', kind },
    ...(kind === 'latency' && { milliseconds: 30 }),
    on: { nth: call(dice) },
  };
};

/** Plays a schedule on a database of its own, and looks what came of it. */
export const play = async (
  ground: Ground,
  history: History,
  schedule: Schedule,
  executor: Executor,
  { reference, tally, how }: { reference: Reference; tally: Tally; how: string },
): Promise<void> => {
  const arena = await ground.arena();
  const found: Findings[] = [];
  const strike = () => {
    tally.faults += 1;
  };
  try {
    const { promise: morning, resolve: wake } = Promise.withResolvers<void>();
    for (const [at, turn] of schedule.turns.entries()) {
      const callers = turn.map(async ({ fate, faults, token }) => {
        const inner = arena.client(faults, schedule.temper, schedule.http);
        const { sleep, ...rest } = fate;
        const client = fated(arena, inner, { ...rest, ...(sleep && { sleep: { ...sleep, until: morning } }) }, strike);
        const ending = await executor.bring(arena, client, history, { token, run: `run-${token}` });
        for (let fault = 0; fault < inner.injected(); fault += 1) strike();
        if (ending.state === 'wrong')
          found.push({ ...nothingFound(), complaints: [`a caller was told: ${ending.why}`] });
      });
      const sleeps = turn.map(({ fate }) => fate.sleep !== undefined);
      await Promise.all(callers.filter((_, caller) => !sleeps[caller]));
      if (at === schedule.turns.length - 1) {
        if (sleeps.includes(true)) await finish(arena, history, executor, { token: 4, run: 'run-4' });
        wake();
      }
      await Promise.all(callers);
    }
    const complaint = await finish(arena, history, executor, { token: 4, run: 'run-4' });
    for (const one of [...found, await examine(arena, history, reference, executor, complaint)]) add(tally, one, how);
  } finally {
    await arena.drop();
  }
};
