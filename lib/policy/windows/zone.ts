/** Milliseconds that the clocks of a time zone are ahead of UTC at an instant (in milliseconds since 1970). */
export const offsetAt = (timeZone: string, instant: number): number => {
  const seconds = Math.floor(instant / 1000) * 1000;
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(seconds)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts as Record<string, number>;
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - seconds;
};

/** A time in which the clocks of a zone are not set forward or back. */
export type Stretch = { from: number; to: number; offset: number };

/** Cuts a time where the clocks of a zone are set: within a stretch the clock on the wall is UTC and a constant. */
export const stretches = (timeZone: string, from: number, to: number): Stretch[] => {
  const found: Stretch[] = [];
  let start = from;
  let offset = offsetAt(timeZone, from);
  for (let at = from; at < to; at += STEP) {
    const end = Math.min(at + STEP, to);
    const next = offsetAt(timeZone, end);
    if (next === offset) continue;
    const changed = firstWith(timeZone, { before: at, after: end, offset });
    if (changed < to) {
      found.push({ from: start, to: changed, offset });
      start = changed;
    }
    offset = next;
  }
  return [...found, { from: start, to, offset }];
};

/** No zone has ever set its clocks twice within so many milliseconds. */
const STEP = 6 * 3_600_000;

/** The first instant, to the second, that has another offset. */
const firstWith = (timeZone: string, it: { before: number; after: number; offset: number }): number => {
  let [before, after] = [Math.floor(it.before / 1000), Math.ceil(it.after / 1000)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(timeZone, middle * 1000) === it.offset) before = middle;
    else after = middle;
  }
  return after * 1000;
};

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = 'numeric' as const;
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(timeZone, made);
  return made;
};
