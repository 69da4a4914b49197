import type { Work } from '../../lib/database/apply.ts';
import type { Fault } from '../../lib/local/faults/plan.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { type Fate, fated } from './caller.ts';
import type { Dice } from './dice.ts';
import { type Executor, finish } from './drive.ts';
import { type Arena, type Ground, TEMPERS, type Temper } from './ground.ts';
import { type History, needCommit } from './history.ts';
import { examine, type Reference } from './reference.ts';
import { add, type Tally } from './tally.ts';

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

/** A schedule by chance for migrations that are about to be carried out. The same dice throw the same. */
export const throwSchedule = (dice: Dice, migrations: Migration[], direction: Direction = 'up'): Schedule => {
  const targets = migrations.map(({ id, up, down }) => ({
    id,
    statements: (direction === 'up' ? up : (down?.statements ?? [])).length,
  }));
  const turns = Array.from({ length: 1 + dice.below(3) }, () => {
    const callers = dice.pick([1, 1, 1, 2, 2, 3]);
    return Array.from({ length: callers }, () => throwCaller(dice, targets));
  });
  // An old owner wakes up when somebody newer is through.
  if (dice.chance(0.2))
    turns.at(-1)!.unshift({ ...throwCaller(dice, targets), fate: { sleep: { call: call(dice) } }, token: 1 });
  const tempers = (Object.keys(TEMPERS) as Temper[]).filter((it) => it !== 'strict' || !needCommit(migrations));
  return { temper: dice.pick(tempers), http: dice.chance(0.15), turns };
};

export type Direction = 'up' | 'down';
type Target = { id: string; statements: number };

const throwCaller = (dice: Dice, targets: Target[]): Caller => ({
  token: dice.chance(0.3) ? 2 + dice.below(2) : 1,
  fate: throwFate(dice, targets),
  faults: Array.from({ length: dice.below(3) }, () => throwFault(dice)),
});

const throwFate = (dice: Dice, targets: Target[]): Caller['fate'] => ({
  ...(dice.chance(0.6) && { death: { call: call(dice), when: dice.pick(['before', 'during', 'after'] as const) } }),
  ...(dice.chance(0.5) && { kill: throwKill(dice, dice.pick(targets)) }),
  ...(dice.chance(0.2) && {
    termination: { nth: 1 + dice.below(3), blocked: dice.chance(0.5), fatal: dice.chance(0.5) },
  }),
  ...(dice.chance(0.25) && { axe: { call: call(dice), milliseconds: dice.below(12) } }),
  ...(dice.chance(0.15) && { rotation: call(dice) }),
});

/** Most runs take few calls; some take many. */
const call = (dice: Dice): number => 1 + dice.below(dice.pick([3, 8, 20]));

const throwKill = (dice: Dice, { id, statements }: Target): NonNullable<Fate['kill']> => ({
  migration: id,
  statement: dice.below(Math.max(1, statements)),
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

/** Which callers these are: what they are to do, and by how much their tokens are above those of earlier schedules. */
type Task = { work?: Partial<Work>; above?: number };

/** Lets a schedule's callers loose on a database, and ends their work undisturbed. Tells what was wrong meanwhile. */
export const act = async (
  arena: Arena,
  history: History,
  schedule: Schedule,
  executor: Executor,
  tally: Pick<Tally, 'faults'>,
  { work = {}, above = 0 }: Task = {},
): Promise<string[]> => {
  const complaints: string[] = [];
  const strike = () => {
    tally.faults += 1;
  };
  const owner = (token: number) => ({ ...work, token: above + token, run: `run-${above + token}` });
  const end = () => finish(arena, history, executor, owner(TOKENS));
  const { promise: morning, resolve: wake } = Promise.withResolvers<void>();
  for (const [at, turn] of schedule.turns.entries()) {
    const callers = turn.map(async ({ fate, faults, token }) => {
      const inner = arena.client(faults, schedule.temper, schedule.http);
      const { sleep, ...rest } = fate;
      const client = fated(arena, inner, { ...rest, ...(sleep && { sleep: { ...sleep, until: morning } }) }, strike);
      const ending = await executor.bring(arena, client, history, owner(token));
      for (let fault = 0; fault < inner.injected(); fault += 1) strike();
      if (ending.state === 'wrong') complaints.push(`a caller was told: ${ending.why}`);
    });
    const sleeps = turn.map(({ fate }) => fate.sleep !== undefined);
    await Promise.all(callers.filter((_, caller) => !sleeps[caller]));
    if (at === schedule.turns.length - 1) {
      if (sleeps.includes(true)) await end();
      wake();
    }
    await Promise.all(callers);
  }
  const complaint = await end();
  return complaint ? [...complaints, complaint] : complaints;
};

/** Tokens that a schedule's callers have, from 1. */
export const TOKENS = 4;

/** Plays a schedule for a whole history on a database of its own, and looks what came of it. */
export const play = async (
  ground: Ground,
  history: History,
  schedule: Schedule,
  executor: Executor,
  { reference, tally, how }: { reference: Reference; tally: Tally; how: string },
): Promise<void> => {
  const arena = await ground.arena();
  try {
    const complaints = await act(arena, history, schedule, executor, tally);
    add(tally, await examine(arena, history, reference, executor, complaints), how);
  } finally {
    await arena.drop();
  }
};
