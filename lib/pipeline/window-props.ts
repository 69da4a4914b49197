import { openings } from '../policy/windows/openings.ts';
import { DAYS, type Day, type Freeze, type Timetable, timetablesOf, Windows } from '../policy/windows/windows.ts';

/** Hours in which changes may be made: what a clock on the wall shows. */
export type Hours = {
  /** @default every day */
  days?: Day[];
  /** `'02:00'` */
  from: string;
  /** Not included. `'24:00'` is the end of the day, and so is `'00:00'`: no later than `from` is on the day after. */
  to: string;
};

export type TimetableProps = {
  /** The name of a time zone in the IANA database, as `'Europe/Berlin'`: all of it is read there. */
  timeZone: string;
  /** @default at any hour */
  weekly?: Hours[];
  /**
   * Days without changes, whatever the hour.
   * @default none
   */
  closedDays?: Day[];
  /**
   * Dates without changes, the first and the last included.
   * @default none
   */
  freezes?: Freeze[];
};

/** When changes may be made. */
export type WindowsProps = TimetableProps & {
  /**
   * Names or ARNs of SSM change calendars, in the pipeline's region: while one is closed, nothing is changed.
   * @default none
   */
  calendars?: string[];
  /**
   * What becomes of a run outside of its window. `park`: it is planned and approved at any hour, and rests before each
   * wave until the window opens. `refuse`: it is not admitted, and ends where its window has closed since.
   * @default 'park'
   */
  outside?: 'park' | 'refuse';
  /**
   * Hours of their own for databases with all of these labels, in place of `weekly`; the first that fits. Freezes and
   * closed days hold besides: the environment's for all, theirs for them.
   * @default none
   */
  tenants?: (TimetableProps & { where: Record<string, string> })[];
};

/** The windows as functions have them, complete. */
export const windowsOf = ({ calendars = [], outside = 'park', tenants = [], ...own }: WindowsProps): Windows => ({
  ...timetableOf(own),
  outside,
  calendars,
  tenants: tenants.map(({ where, ...it }) => ({ where, ...timetableOf(it) })),
});

const timetableOf = ({ weekly = [], closedDays = [], freezes = [], ...rest }: TimetableProps) => ({
  ...rest,
  weekly: weekly.map((it) => ({ ...it, days: it.days ?? [...DAYS] })),
  closedDays,
  freezes,
});

/** Sentences about what is wrong. */
export const windowsProblems = (props: WindowsProps, waves: number): string[] => {
  const problems =
    Windows.safeParse(windowsOf(props), { reportInput: true }).error?.issues.map(({ path, message, input }) => {
      const found = typeof input === 'string' ? `, not ${JSON.stringify(input)}` : '';
      return `${['windows', ...path].join('.')}: ${message}${found}`;
    }) ?? [];
  if (problems.length > 0) return problems;
  const windows = windowsOf(props);
  const { tenants } = windows;
  const never = [null, ...tenants.keys()]
    .filter((window) => !everOpens(timetablesOf(windows, window)))
    .map(
      (window) =>
        `windows${window === null ? '' : `.tenants.${window}`}: it never opens, since all its days are closed`,
    );
  // Each part of a wave is a wave of its own, and the workflow knows them all in 256 KiB.
  const parts = waves * (tenants.length + 1);
  return parts > 200
    ? [...never, `windows: ${waves} waves for ${tenants.length + 1} windows are ${parts}, and at most 200 can be`]
    : never;
};

/** Within some weeks, and as if nothing were frozen: each is like the others but for the hours that clocks are changed by. */
const everOpens = (timetables: Timetable[]): boolean => {
  const from = Date.UTC(2027, 0, 4);
  const unfrozen = timetables.map((it) => ({ ...it, freezes: [] }));
  return openings(unfrozen, from, from + 28 * 86_400_000).length > 0;
};
