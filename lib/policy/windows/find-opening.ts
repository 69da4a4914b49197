import { type Opening, openings } from './openings.ts';
import type { Timetable } from './windows.ts';

/** Asks whether all change calendars are open at a time, and until when that stays so; null for ever. */
export type Calendar = (at: number) => Promise<{ open: boolean; until: number | null }>;

/** Somebody's calendar opens and closes without end; better no answer than a function that never returns. */
const MOST_LOOKS = 200;

/**
 * The first time from now on that is open for so long without a break, as far as one looks ahead; undefined where there
 * is none. Calendars are asked only about times that the timetables leave.
 */
export const findOpening = async (
  timetables: Timetable[],
  { now, horizon, lasting, calendar }: { now: number; horizon: number; lasting: number; calendar: Calendar },
): Promise<Opening | undefined> => {
  let looks = 0;
  for (const opening of openings(timetables, now, horizon)) {
    let at = opening.from;
    while (opening.to - at >= Math.max(lasting, 1)) {
      looks += 1;
      if (looks > MOST_LOOKS) return undefined;
      const { open, until } = await calendar(at);
      const end = Math.min(opening.to, until ?? opening.to);
      if (open && end - at >= Math.max(lasting, 1)) return { from: at, to: end };
      if (until === null) break;
      at = Math.max(until, at + 1);
    }
  }
  return undefined;
};

/** Where no calendar has a say. */
export const alwaysOpen: Calendar = async () => ({ open: true, until: null });
