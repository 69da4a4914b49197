import { failure } from '../failure.ts';
import { type Calendar, findOpening } from '../policy/windows/find-opening.ts';
import { timetablesOf, type Windows } from '../policy/windows/windows.ts';
import { closedBecause, spoken, spokenLength } from '../policy/windows/words.ts';
import type { Standing, Step } from './gate.ts';
import { forecast, type Pace } from './pace.ts';
import type { WaveManifest } from './rollout.ts';

/** Changes may not be made now; nothing was touched. */
export const OutsideWindow = failure(
  'OutsideWindow',
  (it: { reason: string; next: string }) => `No changes are made now: ${it.reason}. ${it.next} Nothing was touched.`,
);

/** A run was said to be an emergency where nobody may break the glass; nothing was touched. */
export const NoGlass = failure(
  'NoGlass',
  () =>
    "An emergency goes ahead when somebody breaks the glass, and the environment's approval names nobody who may. Change its windows, or name somebody there. Nothing was touched.",
);

type Looking = { windows: Windows; calendar: Calendar; now: Date };

/**
 * Lets a run in only while some of its databases may be changed, where the policy is to refuse it otherwise: people
 * would be asked to approve what is not carried out.
 *
 * @throws OutsideWindow
 */
export const admitInWindow = async ({ windows, calendar, now }: Looking, remedy: string): Promise<void> => {
  if (windows.outside === 'park') return;
  const at = now.getTime();
  const all = [null, ...windows.tenants.keys()].map((window) => timetablesOf(windows, window));
  const look = (horizon: number) =>
    Promise.all(all.map((it) => findOpening(it, { now: at, horizon, lasting: 0, calendar })));
  if ((await look(at + 1)).some((it) => it !== undefined)) return;
  const opens = (await look(at + YEAR)).flatMap((it) => it ?? []).toSorted((a, b) => a.from - b.from)[0];
  const next = opens
    ? `The next window opens ${spoken(opens.from, windows.timeZone)}.`
    : 'No window opens within a year.';
  throw new OutsideWindow({
    reason: closedBecause(all[0]!, at) ?? CALENDAR_CLOSED,
    next: [next, remedy].filter(Boolean).join(' '),
  });
};

/**
 * What a rollout does next, seen with its windows: a wave that may not begin now, or would not be done before its
 * window closes, is parked until one opens that is long enough, or ends the run, as the policy says. Anything else is
 * done at any hour.
 */
export const inItsWindow = async (
  step: Step,
  it: {
    windows: Windows | undefined;
    calendar: Calendar;
    now: Date;
    /** How long the last wave took; null where nothing is known. */
    pace: Pace | null;
    answer: Standing['answer'];
    startedAt: string;
  },
): Promise<Step> => {
  const { windows, calendar, now: date, pace } = it;
  if (step.next !== 'wave' || windows === undefined) return step;
  const { wave } = step;
  const timetables = timetablesOf(windows, wave.window ?? null);
  const now = date.getTime();
  const lasting = pace === null ? 0 : forecast(wave, pace) * 1000;
  const horizon = Date.parse(it.startedAt) + LONGEST_RUN;
  const look = (lasting: number) => findOpening(timetables, { now, horizon, lasting, calendar });
  const fits = await look(lasting);
  if (fits && fits.from <= now) return step;
  const open = lasting === 0 ? fits : await look(0);
  const { timeZone } = timetables[0]!;
  const why =
    open && open.from <= now
      ? `by the pace so far it takes ${spokenLength(lasting)}, and its window closes ${spoken(open.to, timeZone)}`
      : (closedBecause(timetables, now) ?? CALENDAR_CLOSED);
  if (!fits) return over(wave, `${why}. ${open ? tooShort(lasting) : NONE}`);
  const shown = spoken(fits.from, timeZone);
  if (windows.outside === 'refuse') return over(wave, `${why}. The next window that is long enough opens ${shown}`);
  return {
    next: 'park',
    park: {
      until: new Date(fits.from).toISOString(),
      seconds: Math.max(1, Math.ceil((fits.from - now) / 1000)),
      ...{ shown, reason: why, wave: wave.wave, name: wave.name },
    },
    // Whoever let it go on is not asked again, and pardons nothing that comes up while it is parked.
    answer: it.answer && { ...it.answer, since: it.answer.since ?? date.toISOString() },
  };
};

const over = ({ wave, name }: WaveManifest, why: string): Step => ({
  next: 'halt',
  error: 'OutsideWindow',
  reason: `wave ${wave} (${name}) is not begun: ${why}. Another run goes on with what is left`,
  revert: false,
});

const tooShort = (lasting: number): string =>
  `No window is as long as that, ${spokenLength(lasting)}: make waves smaller, have more clusters worked on at once, or the windows longer`;

const NONE = 'No window opens while the run lasts';

const CALENDAR_CLOSED = 'a change calendar is closed';

const YEAR = 366 * 86_400_000;

/** An execution lasts for a year at most; some days are left for the rollout itself. */
const LONGEST_RUN = 350 * 86_400_000;
