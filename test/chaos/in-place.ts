import type { Novelty } from './caller.ts';
import { outlive } from './drive.ts';
import type { Arena } from './ground.ts';
import type { History } from './history.ts';
import { type Known, kills, statementsOf, struckOnce } from './misfortune.ts';
import type { Tally } from './tally.ts';

/** Every n-th boundary, from one on: several servers may share the boundaries of a history among them. */
export type Share = { of: number; at: number };

export const WHOLE: Share = { of: 1, at: 0 };

/** Whether a boundary, counted from 0, is in the share. */
export const ours = ({ of, at }: Share, boundary: number): boolean => boundary % of === at;

/**
 * One caller after another goes a boundary further than all before it, and no more: its session is ended at the next
 * boundary of a transaction, or it dies after the first call that none before it has made, until one comes through.
 */
export const strikeInPlace = async (arena: Arena, history: History, known: Known, tally: Tally, share: Share) => {
  const ends = kills(statementsOf(history, known)).filter((_, boundary) => ours(share, boundary));
  let made = 0;
  const novelty: Novelty = { seen: new Set(), strikes: () => ours(share, made++) };
  await struckOnce(arena, history, { fate: { death: { call: 1, when: 'before' } } }, known, tally);
  const [first] = statementsOf(history, known).up;
  if (first?.kind === 'IndexStmt' && !first.transactional) {
    // What it leaves behind is an invalid index, and nobody who knows of it.
    const termination = { nth: 1, blocked: true, fatal: true };
    await struckOnce(arena, history, { fate: { termination } }, known, tally);
  }
  for (let caller = 0; caller < MOST; caller += 1) {
    await outlive(arena);
    const kill = ends[0];
    let killed = false;
    const fate = { novelty, ...(kill && { kill, killed: () => (killed = true) }) };
    const { ending } = await struckOnce(arena, history, { fate }, known, tally);
    if (killed) ends.shift();
    if (ending.state === 'applied' || ending.state === 'wrong') return;
  }
};

/** Far more callers than any migration needs: whoever needs them all is not getting on, and is told so in the end. */
const MOST = 500;
