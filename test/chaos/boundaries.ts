import { parts } from '../../lib/database/segments.ts';
import type { Fault } from '../../lib/local/faults/plan.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { type Fate, fated } from './caller.ts';
import { engine, finish, outlive } from './drive.ts';
import type { Arena, Ground } from './ground.ts';
import type { History } from './history.ts';
import { compare, examine, type Reference, stateOf } from './reference.ts';
import { add, nothingFound, type Tally } from './tally.ts';
import { through } from './transport.ts';

/** One caller's misfortune, to be told and repeated. */
export type Misfortune = { fate: Fate; faults?: Fault[] };

/**
 * Strikes every boundary of every migration of a history in turn, in one database that goes through them all: whatever
 * an attempt left behind would be in the way of the next one, and of the end.
 * @param thoroughly each misfortune of a migration that takes several calls strikes a copy; otherwise one caller after
 *   another comes a call further than the one before
 */
export const strikeBoundaries = async (
  ground: Ground,
  history: History,
  reference: Reference,
  tally: Tally,
  progress: () => void,
  thoroughly = true,
): Promise<void> => {
  const arena = await ground.arena();
  const told = (at: string) => `${history.name} on PostgreSQL ${ground.major}, boundaries${at && ` of ${at}`}`;
  const strike = (misfortune: Misfortune, at: number) =>
    struckOnce(arena, upTo(history, at), misfortune, { from: at, installed: at > 0 }, tally);
  try {
    for (const [at, migration] of history.migrations.entries()) {
      const all = [...parts(upTo(history, at).migrations, { from: at, lockTimeout: '2s', statementTimeout: 0 })];
      if (all.length === 1 && all[0]!.kind === 'transactional' && at > 0) {
        for (const kill of kills(migration)) await strike({ fate: { kill, death: { call: 1, when: 'after' } } }, at);
        await strike({ fate: { death: { call: 1, when: 'before' } } }, at);
        await strike({ fate: { death: { call: 1, when: 'after' } } }, at);
      } else if (!thoroughly) {
        await strikeInPlace(arena, upTo(history, at), strike, at);
      } else {
        await strikeCopies(ground, arena, upTo(history, at), migration, reference, tally, told(migration.id));
      }
      const complaint = await finish(arena, upTo(history, at), engine, { from: at, installed: at > 0 });
      if (complaint) {
        add(tally, { ...nothingFound(), lost: 1, complaints: [`${migration.id}: ${complaint}`] }, told(migration.id));
        return;
      }
      tally.migrations += 1;
      progress();
    }
    add(tally, await examine(arena, history, reference, engine), told(''));
  } finally {
    await arena.drop();
  }
};

const upTo = (history: History, at: number): History => ({
  ...history,
  migrations: history.migrations.slice(0, at + 1),
});

type Known = { from: number; installed: boolean };

/** One caller that comes to grief. True if the misfortune did strike. */
export const struckOnce = async (
  arena: Arena,
  history: History,
  { fate, faults = [] }: Misfortune,
  known: Partial<Known>,
  tally: Tally,
): Promise<boolean> => {
  let struck = false;
  const strike = () => {
    struck = true;
    tally.faults += 1;
  };
  const client = arena.client(faults);
  const ending = await engine.bring(arena, fated(arena, client, fate, strike), history, known);
  for (let fault = 0; fault < client.injected(); fault += 1) strike();
  if (ending.state === 'wrong') {
    const complaints = [`a caller with ${JSON.stringify({ fate, faults })} was told: ${ending.why}`];
    add(tally, { ...nothingFound(), complaints }, history.name);
  }
  return struck;
};

/** One caller after another dies, before and after each call, until one comes through. */
const strikeInPlace = async (
  arena: Arena,
  history: History,
  strike: (misfortune: Misfortune, at: number) => Promise<boolean>,
  at: number,
) => {
  const last = history.migrations.at(-1)!;
  for (const kill of kills(last).slice(0, 3)) if (!(await strike({ fate: { kill } }, at))) return;
  for (let call = 1; call <= 30; call += 1) {
    for (const when of ['before', 'after'] as const) {
      await outlive(arena);
      if (!(await strike({ fate: { death: { call, when } } }, at))) return;
    }
  }
};

/** A migration that takes several calls: each misfortune strikes a copy of the database as it stands before it. */
const strikeCopies = async (
  ground: Ground,
  before: Arena,
  history: History,
  migration: Migration,
  { tables }: Reference,
  tally: Tally,
  told: string,
): Promise<void> => {
  const known = { from: history.migrations.length - 1, installed: history.migrations.length > 1 };
  const undisturbed = await ground.arena(before);
  let calls = 0;
  const counting = through(undisturbed.direct, (command, send) => {
    calls += 1;
    return send(command);
  });
  await engine.bring(undisturbed, counting, history, known);
  const expected = await stateOf(undisturbed, tables);
  await undisturbed.drop();
  for (const misfortune of misfortunes(migration, calls)) {
    const copy = await ground.arena(before);
    if (await struckOnce(copy, history, misfortune, known, tally)) {
      const complaint = await finish(copy, history, engine, known);
      const found = nothingFound();
      if (complaint) Object.assign(found, { lost: 1, complaints: [complaint] });
      compare(found, await stateOf(copy, tables), expected);
      add(tally, found, `${told}, ${JSON.stringify(misfortune)}`);
    }
    await copy.drop();
  }
};

/** Every call on both sides, every boundary between statements, and each statement sent by itself while it runs. */
const misfortunes = (migration: Migration, calls: number): Misfortune[] => [
  ...Array.from({ length: calls }, (_, at) => at + 1).flatMap((call): Misfortune[] => [
    { fate: { death: { call, when: 'before' } } },
    { fate: { death: { call, when: 'after' } } },
    { fate: {}, faults: [{ service: 'rds-data', operation: '*', when: 'after', kind: 'reset', on: { nth: call } }] },
  ]),
  ...kills(migration).map((kill) => ({ fate: { kill } })),
  ...migration.up
    .filter(({ transactional }) => !transactional)
    .map(({ kind }, at) => ({ fate: { termination: { nth: at + 1, blocked: kind === 'IndexStmt' } } })),
];

/** Before each statement of a transaction, and after the last one of each, when all is done but the commit. */
const kills = ({ id, up }: Migration): NonNullable<Fate['kill']>[] =>
  up.flatMap(({ transactional, group }, statement) => {
    if (!transactional) return [];
    const next = up[statement + 1];
    const last = !next?.transactional || next.group !== group;
    return (last ? (['before', 'after'] as const) : (['before'] as const)).map((when) => ({
      migration: id,
      statement,
      when,
    }));
  });
