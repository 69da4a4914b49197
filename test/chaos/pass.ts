import type { Work } from '../../lib/database/apply.ts';
import type { Dice } from './dice.ts';
import { engine, finish } from './drive.ts';
import type { Arena, Ground } from './ground.ts';
import type { History } from './history.ts';
import { examine, type Reference, referenceOf } from './reference.ts';
import { act, type Direction, type Schedule, TOKENS, throwSchedule } from './schedule.ts';
import { add, type Tally } from './tally.ts';

/** A few migrations to be carried out, or taken back, under one schedule of faults; without one, undisturbed. */
type Leg = { pending: string[]; direction: Direction; schedule: Schedule | null; detour: boolean };

export type Pass = { history: History; end: number; legs: Leg[] };

/**
 * A way through a part of a history by chance, a few migrations at a time; now and then some are taken back and applied
 * again. One database goes through it all, so that nothing that a schedule leaves behind remains without consequences.
 */
export const throwPass = (dice: Dice, history: History): Pass => {
  const { migrations } = history;
  const start = dice.below(Math.max(1, migrations.length - LONGEST + 1));
  const end = Math.min(migrations.length, start + LONGEST);
  const ids = (from: number, to: number) => migrations.slice(from, to).map(({ id }) => id);
  const legs: Leg[] = [];
  if (start > 0) legs.push({ pending: ids(0, start), direction: 'up', schedule: null, detour: false });
  for (let from = start; from < end; ) {
    const to = Math.min(end, from + 1 + dice.below(6));
    const leg = (first: number, direction: Direction, detour: boolean): Leg => {
      const schedule = throwSchedule(dice, migrations.slice(first, to), direction);
      const pending = ids(first, to);
      return { pending: direction === 'up' ? pending : pending.reverse(), direction, schedule, detour };
    };
    legs.push(leg(from, 'up', false));
    const stays = migrations.slice(from, to).findLastIndex(({ down }) => down === null);
    const back = from + stays + 1;
    if (back < to && dice.chance(0.5)) legs.push(leg(back, 'down', true), leg(back, 'up', true));
    from = to;
  }
  return { history, end, legs };
};

/** Migrations that one pass goes through. */
const LONGEST = 40;

export const schedulesOf = ({ legs }: Pass): number => legs.filter(({ schedule }) => schedule !== null).length;

/** Goes the way, and compares its end with that of the same way undisturbed. */
export const playPass = async (ground: Ground, thrown: Pass, tally: Tally, how: string): Promise<void> => {
  const { pass, reference } = await passable(ground, thrown);
  const { history, end, legs } = pass;
  const arena = await ground.arena();
  const complaints: string[] = [];
  try {
    for (const [at, { schedule, ...leg }] of legs.entries()) {
      const work = workOf(leg, at);
      if (schedule === null)
        complaints.push(...[await finish(arena, history, engine, work)].filter((it) => it !== null));
      else {
        const said = await act(arena, history, schedule, engine, tally, { work, above: at * TOKENS });
        const where = `${leg.direction} ${leg.pending.join(' ')}: ${JSON.stringify(schedule)}`;
        complaints.push(...said.map((it) => `${it}, when there came ${where}`));
      }
      tally.schedules += schedule === null ? 0 : 1;
    }
    const there = { migrations: history.migrations.slice(0, end) };
    add(tally, await examine(arena, there, reference, engine, complaints), how);
  } finally {
    await arena.drop();
  }
};

const workOf = ({ pending, direction }: Pick<Leg, 'pending' | 'direction'>, at: number): Partial<Work> => ({
  ...{ pending, direction, installed: at > 0 },
  ...{ token: at * TOKENS + 1, run: `run-${at * TOKENS + 1}` },
});

/** Not all downs that people write do work: where they don't, undisturbed, the detours are left out. */
const passable = async (ground: Ground, pass: Pass): Promise<{ pass: Pass; reference: Reference }> => {
  const walked = async (it: Pass) => ({
    pass: it,
    reference: await referenceOf(ground, it.history, (arena) => walk(arena, it)),
  });
  if (pass.history.generated || !pass.legs.some(({ detour }) => detour)) return walked(pass);
  return walked(pass).catch(() => walked({ ...pass, legs: pass.legs.filter(({ detour }) => !detour) }));
};

const walk = async (arena: Arena, { history, legs }: Pass): Promise<string | null> => {
  for (const [at, leg] of legs.entries()) {
    const complaint = await finish(arena, history, engine, workOf(leg, at));
    if (complaint) return `${leg.direction} ${leg.pending.join(' ')}: ${complaint}`;
  }
  return null;
};
