import { AwsError } from '../protocol/aws-error.ts';

/** When a change calendar is open otherwise, and the events (milliseconds, the end not included) in which it is not. */
export type ChangeCalendar = { open: boolean; events: { from: number; to: number }[] };

/**
 * Reads the text of a change calendar. AWS reads all of iCalendar; what is not read here (events that recur, that last
 * for days, or that are in another zone than UTC) is refused, since an event that is passed over would open a window.
 */
export const parseCalendar = (text: string): ChangeCalendar => {
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  if (lines[0] !== 'BEGIN:VCALENDAR') throw invalid('The content of a change calendar begins with BEGIN:VCALENDAR.');
  const kind = lines.find((it) => it.startsWith('X-CALENDAR-TYPE:'))?.split(':')[1] ?? '';
  if (kind !== 'DEFAULT_OPEN' && kind !== 'DEFAULT_CLOSED') {
    throw invalid('A change calendar says X-CALENDAR-TYPE:DEFAULT_OPEN or X-CALENDAR-TYPE:DEFAULT_CLOSED.');
  }
  return { open: kind === 'DEFAULT_OPEN', events: joined(eventsIn(lines)) };
};

/** How it stands at a time, and when that changes; null where it never does. */
export const stateAt = ({ open, events }: ChangeCalendar, at: number): { open: boolean; until: number | null } => {
  const during = events.find(({ from, to }) => from <= at && at < to);
  if (during) return { open: !open, until: during.to };
  return { open, until: events.find(({ from }) => from > at)?.from ?? null };
};

const eventsIn = (lines: string[]): ChangeCalendar['events'] => {
  const found: ChangeCalendar['events'] = [];
  let event: Record<string, string> | null = null;
  for (const line of lines) {
    if (line === 'BEGIN:VEVENT') event = {};
    else if (line === 'END:VEVENT' && event) {
      found.push({ from: utc(event, 'DTSTART'), to: utc(event, 'DTEND') });
      event = null;
    } else if (event) {
      const name = line.split(/[:;]/)[0] ?? '';
      if (['RRULE', 'RDATE', 'EXDATE', 'DURATION'].includes(name)) throw unsupported(`${name} is not read here`);
      event[name] = line;
    }
  }
  return found;
};

const utc = (event: Record<string, string>, name: 'DTSTART' | 'DTEND'): number => {
  const [, y, m, d, h, min, s] = /^DT\w+:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(event[name] ?? '') ?? [];
  if (y === undefined) throw unsupported(`an event has ${name} in UTC, as ${name}:20270105T020000Z`);
  return Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`);
};

/** Events that touch or overlap are one: between them nothing changes. */
const joined = (events: ChangeCalendar['events']): ChangeCalendar['events'] => {
  const found: ChangeCalendar['events'] = [];
  for (const it of events.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && it.from <= last.to) last.to = Math.max(last.to, it.to);
    else found.push(it);
  }
  return found;
};

const invalid = (message: string) => new AwsError('InvalidDocumentContent', message);

const unsupported = (what: string) =>
  new AwsError('UnsupportedCalendarException', `The local cloud can't read this calendar: ${what}.`);
