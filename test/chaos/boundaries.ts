import { parts } from '../../lib/database/segments.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { strikeCopies } from './copies.ts';
import { engine, finish } from './drive.ts';
import type { Arena, Ground } from './ground.ts';
import type { History } from './history.ts';
import { ours, type Share, strikeInPlace, WHOLE } from './in-place.ts';
import { answered, type Known, kills, type Misfortune, onlyLast, statementsOf, struckOnce } from './misfortune.ts';
import { examine, type Reference, referenceOf } from './reference.ts';
import { add, nothingFound, type Tally } from './tally.ts';

/**
 * Strikes every boundary of every migration of a history in turn, in one database that goes through them all: whatever
 * an attempt left behind would be in the way of the next one, and of the end. Where every migration has a down, back
 * again, too.
 * @param done called for each migration that came through
 * @param thoroughly each misfortune of a migration that takes several calls strikes a copy, too
 * @param share all boundaries when left out
 */
export const strikeBoundaries = async (
  ground: Ground,
  history: History,
  reference: Reference,
  tally: Tally,
  done: (migration: Migration) => void,
  thoroughly = true,
  share: Share = WHOLE,
): Promise<void> => {
  const arena = await ground.arena();
  const told = (at: string) => `${history.name} on PostgreSQL ${ground.major}, boundaries${at && ` of ${at}`}`;
  try {
    for (const [at, migration] of history.migrations.entries()) {
      const here = upTo(history, at);
      const known = onlyLast(here);
      if (takesOneCall(here, known) && at > 0) await strikeCall(arena, here, known, at, tally, share);
      else {
        if (thoroughly) await strikeCopies(ground, arena, here, migration, reference, tally, told(migration.id));
        await strikeInPlace(arena, here, known, tally, share);
      }
      const complaint = await finish(arena, here, engine, known);
      if (complaint) return fail(tally, `${migration.id}: ${complaint}`, told(migration.id));
      done(migration);
    }
    add(tally, await examine(arena, history, reference, engine), told(''));
    if (history.migrations.every(({ down }) => down !== null)) await strikeBack(ground, arena, history, tally, told);
  } finally {
    await arena.drop();
  }
};

const fail = (tally: Tally, complaint: string, how: string) =>
  add(tally, { ...nothingFound(), lost: 1, complaints: [complaint] }, how);

/** The same on the way back to the empty database. */
const strikeBack = async (
  ground: Ground,
  arena: Arena,
  history: History,
  tally: Tally,
  told: (at: string) => string,
) => {
  const newestFirst = history.migrations.map(({ id }) => id).reverse();
  for (const [at, id] of newestFirst.entries()) {
    const known: Known = { pending: [id], installed: true, direction: 'down' };
    if (takesOneCall(history, known)) await strikeCall(arena, history, known, at, tally, WHOLE);
    else await strikeInPlace(arena, history, known, tally, WHOLE);
    const complaint = await finish(arena, history, engine, known);
    if (complaint) return fail(tally, `${id} taken back: ${complaint}`, told(id));
  }
  const way = async (undisturbed: Arena) =>
    (await finish(undisturbed, history, engine)) ??
    (await finish(undisturbed, history, engine, { pending: newestFirst, installed: true, direction: 'down' }));
  const empty = await referenceOf(ground, history, way);
  add(tally, await examine(arena, { migrations: [] }, empty, engine), told('its downs'));
};

const upTo = (history: History, at: number): History => ({
  ...history,
  migrations: history.migrations.slice(0, at + 1),
});

const takesOneCall = ({ migrations }: History, known: Known): boolean => {
  const all = parts(migrations, { ...known, lockTimeout: '2s', statementTimeout: 0 });
  return all.length === 1 && all[0]!.kind === 'transactional';
};

/**
 * What can befall the one call of a migration: its session is ended at each boundary between statements, its caller
 * dies before it and after it or hears something else than what became of it, in turn.
 */
const strikeCall = async (arena: Arena, history: History, known: Known, at: number, tally: Tally, share: Share) => {
  const strike = (misfortune: Misfortune) => struckOnce(arena, history, misfortune, known, tally);
  // Migrations with a single boundary must not all fall to the same server.
  const all = kills(statementsOf(history, known)).filter((_, boundary) => ours(share, at + boundary));
  for (const kill of all) await strike({ fate: { kill, death: { call: 1, when: 'after' } } });
  if (ours(share, at)) await strike({ fate: { death: { call: 1, when: 'before' } } });
  await strike(ENDINGS[at % ENDINGS.length]!);
};

const ENDINGS: Misfortune[] = [
  { fate: { death: { call: 1, when: 'after' } } },
  { fate: {}, faults: [answered('after', 'reset')] },
  { fate: { death: { call: 1, when: 'during' } } },
  { fate: {}, faults: [answered('before', 'throttling'), answered('after', '503', 2)] },
  { fate: { death: { call: 1, when: 'after' } } },
  { fate: {}, faults: [answered('before', 'resuming'), answered('after', '504', 2)] },
  { fate: { rotation: 1, death: { call: 1, when: 'after' } } },
  { fate: {}, faults: [answered('after', 'timeout')] },
  { fate: { death: { call: 1, when: 'during' } } },
  { fate: {}, faults: [answered('before', 'reset'), answered('after', '500', 2)] },
];
