import * as z from 'zod';

/** Days as people call them, in the order of JavaScript's numbers for them. */
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

export type Day = (typeof DAYS)[number];

/** `02:00`, and `24:00` for the end of a day. */
const Time = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "a time of day as '02:00', up to '24:00'");

const CalendarDate = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDate(text), "a date that there is, as '2026-12-24'");

const isDate = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

/** From a time of some days up to, not including, another; one that ends no later than it begins ends on the day after. */
export const Weekly = z
  .strictObject({
    days: z.array(z.enum(DAYS)).min(1, 'name at least one day, or leave them out for all'),
    from: Time.refine((text) => text !== '24:00', "'00:00' of the next day"),
    to: Time,
  })
  .refine(({ from, to }) => from !== to, "from and to are the same; for a whole day say '00:00' to '24:00'");

export type Weekly = z.infer<typeof Weekly>;

/** Whole days, the first and the last one included. */
export const Freeze = z
  .strictObject({ from: CalendarDate, to: CalendarDate, reason: z.string().min(1).max(200) })
  .refine(({ from, to }) => from <= to, 'it ends before it begins');

export type Freeze = z.infer<typeof Freeze>;

/**
 * Only names of the time zone database: abbreviations mean different things to different people, and an offset knows
 * no daylight saving.
 */
const TimeZone = z.string().refine(isTimeZone, "a time zone of the IANA database, as 'Europe/Berlin' or 'UTC'");

function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !name.includes('/')) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const timetable = {
  /** In which all of it is read. */
  timeZone: TimeZone,
  /** When it is open; none means always. */
  weekly: z.array(Weekly).max(50, 'at most 50'),
  /** Days on which it is closed in any case, from midnight to midnight. */
  closedDays: z.array(z.enum(DAYS)),
  freezes: z.array(Freeze).max(100, 'at most 100'),
};

/** What a clock on the wall of some place says about when changes may be made. */
export const Timetable = z.strictObject(timetable);

export type Timetable = z.infer<typeof Timetable>;

const Label = z.string().min(1).max(128);

/** When changes may be made to an environment's databases, as it is deployed with the pipeline. */
export const Windows = z.strictObject({
  ...timetable,
  /** What becomes of a run outside of its window. */
  outside: z.enum(['park', 'refuse']),
  /** Names or ARNs of SSM change calendars: while one is closed, so is the window. */
  calendars: z.array(z.string().min(1).max(200)).max(10, 'at most 10'),
  /** For databases with all of these labels in place of `weekly`; the first one that fits. */
  tenants: z.array(z.strictObject({ where: z.record(Label, Label), ...timetable })).max(20, 'at most 20'),
});

export type Windows = z.infer<typeof Windows>;

/** Which tenants' window a database goes by, as its place in the list; null for the environment's own. */
export const windowOf = ({ tenants }: Pick<Windows, 'tenants'>, labels: Record<string, string>): number | null => {
  const found = tenants.findIndex(({ where }) =>
    Object.entries(where).every(([name, value]) => labels[name] === value),
  );
  return found === -1 ? null : found;
};

/** `region=asia`: what people call a tenants' window. */
export const nameOfWindow = ({ where }: Windows['tenants'][number]): string =>
  Object.entries(where)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/**
 * What has to be open at once for databases of that window. What closes the environment closes it for all; only its
 * weekly hours give way to those of the tenants.
 */
export const timetablesOf = ({ tenants, ...own }: Windows, window: number | null): Timetable[] => {
  const { timeZone, weekly, closedDays, freezes } = own;
  const tenant = window === null ? undefined : tenants[window];
  if (tenant === undefined) return [{ timeZone, weekly, closedDays, freezes }];
  const { where: _, ...theirs } = tenant;
  return [theirs, { timeZone, weekly: [], closedDays, freezes }];
};
