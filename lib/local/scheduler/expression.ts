import { timeZone } from './zone.ts';

/** The next time after an instant, both in milliseconds; undefined when there is none any more. */
export type Recurrence = (after: number) => number | undefined;

/**
 * Reads `rate(…)` and `cron(…)` as EventBridge Scheduler does. Where clocks are put forward, a time that they never
 * show is skipped; where they are put back, a time that they show twice comes once.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @throws Error saying what is not understood
 */
export const recurrence = (expression: string, zone: string, since: number): Recurrence => {
  const [, kind, inside = ''] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return rate(inside, since);
  if (kind === 'cron') return cron(inside, zone);
  throw new Error(`${expression} is not understood here: rate(…) and cron(…) are`);
};

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** It begins at once. */
const rate = (inside: string, since: number): Recurrence => {
  const [, count = '', unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(inside) ?? [];
  const every = Number(count) * (UNITS[unit] ?? 0);
  if (every === 0) throw new Error(`rate(${inside}) is not understood: write rate(1 day), rate(12 hours) …`);
  return (after) => (after < since ? since : since + (Math.floor((after - since) / every) + 1) * every);
};

const FIELDS = [
  { name: 'minutes', from: 0, to: 59 },
  { name: 'hours', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC' },
  { name: 'day of week', from: 1, to: 7, names: 'SUN MON TUE WED THU FRI SAT' },
  { name: 'year', from: 1970, to: 2199 },
] as const;

type Field = (typeof FIELDS)[number];

const cron = (inside: string, zone: string): Recurrence => {
  const written = inside.trim().split(/\s+/);
  if (written.length !== FIELDS.length) throw new Error(`cron(${inside}) has ${written.length} fields, not six`);
  if ((written[2] === '?') === (written[4] === '?'))
    throw new Error(`cron(${inside}): one of day of month and day of week is a question mark, the other one is not`);
  const [minutes, hours, days, months, weekdays, years] = FIELDS.map((field, at) =>
    valuesOf(field, written[at]!),
  ) as unknown as [number[], number[], number[], number[], number[], number[]];
  const { shown, instant } = timeZone(zone);
  const isDay = (day: Date) =>
    years.includes(day.getUTCFullYear()) &&
    months.includes(day.getUTCMonth() + 1) &&
    days.includes(day.getUTCDate()) &&
    weekdays.includes(day.getUTCDay() + 1);
  return (after) => {
    const day = new Date(shown(after));
    day.setUTCHours(0, 0, 0, 0);
    // A day back: where clocks are put back at midnight, the day before comes again.
    day.setUTCDate(day.getUTCDate() - 1);
    const last = years.at(-1) ?? 0;
    for (; day.getUTCFullYear() <= last; day.setUTCDate(day.getUTCDate() + 1)) {
      if (!isDay(day)) continue;
      for (const hour of hours) {
        for (const minute of minutes) {
          const at = instant(day.getTime() + hour * 3_600_000 + minute * 60_000);
          if (at !== undefined && at > after) return at;
        }
      }
    }
    return undefined;
  };
};

/** `*`, `?`, `5`, `MON-FRI`, `0/15`, `1,3,5`; not `L`, `W` or `#`, which are refused. */
const valuesOf = (field: Field, written: string): number[] => {
  const all = range(field.from, field.to);
  if (written === '*' || (written === '?' && field.name.startsWith('day'))) return all;
  const values = written.split(',').flatMap((part) => {
    const [, from = '', to, step] = /^([A-Z0-9]+|\*)(?:-([A-Z0-9]+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const first = from === '*' ? field.from : numberOf(field, from, part);
    const last = to !== undefined ? numberOf(field, to, part) : step !== undefined || from === '*' ? field.to : first;
    if (step === '0' || last < first) throw new Error(`${field.name} ${part} is not understood here`);
    return range(first, last).filter((it) => (it - first) % Number(step ?? 1) === 0);
  });
  return [...new Set(values)].sort((a, b) => a - b);
};

const numberOf = (field: Field, text: string, part: string): number => {
  const named = 'names' in field ? field.names.split(' ').indexOf(text) : -1;
  const value = named >= 0 ? named + field.from : Number(text);
  if (text === '' || !Number.isInteger(value) || value < field.from || value > field.to)
    throw new Error(`${field.name} ${part} is not understood here: ${field.from} to ${field.to}`);
  return value;
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
