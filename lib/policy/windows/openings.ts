import { DAYS, type Timetable, type Weekly } from './windows.ts';
import { stretches } from './zone.ts';

/** Milliseconds since 1970, up to and not including `to`. */
export type Opening = { from: number; to: number };

/**
 * When all of some timetables are open, within a time.
 *
 * A window is open as long as a clock on the wall of its zone shows a time within it, and by no other rule: an hour
 * that is left out in spring is not in it, and one that comes twice in autumn is in it twice.
 */
export const openings = (timetables: Timetable[], from: number, to: number): Opening[] =>
  timetables.map((it) => opensIn(it, from, to)).reduce(inBoth, [{ from, to }]);

const opensIn = (timetable: Timetable, from: number, to: number): Opening[] =>
  joined(
    stretches(timetable.timeZone, from, to).flatMap((it) =>
      onTheWall(timetable, it.from + it.offset, it.to + it.offset).map((open) => ({
        from: open.from - it.offset,
        to: open.to - it.offset,
      })),
    ),
  );

/** As the clock on the wall shows it, as if that were UTC. */
const onTheWall = (timetable: Timetable, from: number, to: number): Opening[] => {
  const all: Opening[] = [];
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    if (closedOn(timetable, day) !== null) continue;
    for (const hours of hoursOf(timetable.weekly, weekday(day))) {
      const open = { from: Math.max(day + hours.from, from), to: Math.min(day + hours.to, to) };
      if (open.from < open.to) all.push(open);
    }
  }
  return all;
};

/** Why nothing is done on a day (its midnight on the wall), whatever the hour; null where nothing speaks against it. */
export const closedOn = ({ closedDays, freezes }: Timetable, day: number): string | null => {
  const date = new Date(day).toISOString().slice(0, 10);
  const freeze = freezes.find((it) => it.from <= date && date <= it.to);
  if (freeze) return `it is frozen up to and including ${freeze.to} (${freeze.reason})`;
  const name = DAYS[weekday(day)]!;
  return closedDays.includes(name) ? `nothing is changed on a ${name}` : null;
};

/** Within a day: what begins on it, and what began on the day before and goes on after midnight. */
const hoursOf = (weekly: Weekly[], day: number): Opening[] => {
  if (weekly.length === 0) return [{ from: 0, to: DAY }];
  const before = DAYS[(day + 6) % 7]!;
  return weekly.flatMap((it) => {
    const [from, to] = [timeOf(it.from), timeOf(it.to)];
    const overnight = to <= from;
    return [
      ...(it.days.includes(DAYS[day]!) ? [{ from, to: overnight ? DAY : to }] : []),
      ...(overnight && to > 0 && it.days.includes(before) ? [{ from: 0, to }] : []),
    ];
  });
};

const weekday = (day: number): number => new Date(day).getUTCDay();

const timeOf = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
};

/** What touches or overlaps is one. */
const joined = (all: Opening[]): Opening[] => {
  const found: Opening[] = [];
  for (const it of all.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && it.from <= last.to) last.to = Math.max(last.to, it.to);
    else found.push({ ...it });
  }
  return found;
};

const inBoth = (some: Opening[], others: Opening[]): Opening[] => {
  const found: Opening[] = [];
  let at = 0;
  for (const one of some) {
    while (at < others.length && others[at]!.to <= one.from) at += 1;
    for (let next = at; next < others.length && others[next]!.from < one.to; next += 1) {
      found.push({ from: Math.max(one.from, others[next]!.from), to: Math.min(one.to, others[next]!.to) });
    }
  }
  return found;
};

const DAY = 86_400_000;
