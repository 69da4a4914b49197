import { closedOn, openings } from './openings.ts';
import { DAYS, type Timetable } from './windows.ts';
import { offsetAt } from './zone.ts';

/** `Tuesday 5 January 2027, 02:00 Europe/Berlin` */
export const spoken = (instant: number, timeZone: string): string => {
  const wall = new Date(instant + offsetAt(timeZone, instant));
  const time = wall.toISOString().slice(11, 16);
  const date = `${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]} ${wall.getUTCFullYear()}`;
  return `${DAYS[wall.getUTCDay()]} ${date}, ${time} ${timeZone}`;
};

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** `50 min`, `5 h 10 min`, never less than a minute. */
export const spokenLength = (milliseconds: number): string => {
  const minutes = Math.max(1, Math.ceil(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
};

/** Why some timetables are closed at an instant, by the first of them that is; null where all are open. */
export const closedBecause = (timetables: Timetable[], instant: number): string | null => {
  const closed = timetables.find((it) => openings([it], instant, instant + 1).length === 0);
  if (!closed) return null;
  const wall = instant + offsetAt(closed.timeZone, instant);
  return (
    closedOn(closed, Math.floor(wall / DAY) * DAY) ?? `its window is closed at ${spoken(instant, closed.timeZone)}`
  );
};

const DAY = 86_400_000;
