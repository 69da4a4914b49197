import * as z from 'zod';
import { brokenBy } from '../lib/approval/glass.ts';
import { alarmsOn } from '../lib/fleet/alarms.ts';
import { calendarOf } from '../lib/fleet/calendars.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { gate, Standing, type Step } from '../lib/fleet/gate.ts';
import { brokenIn } from '../lib/fleet/map-run.ts';
import { Pace, paceOf } from '../lib/fleet/pace.ts';
import { PlannedRollout } from '../lib/fleet/rollout.ts';
import { inItsWindow } from '../lib/fleet/window-gate.ts';
import { controlOf } from '../lib/ledger/control.ts';
import { keepLease } from '../lib/ledger/keep-lease.ts';
import { getRequest } from '../lib/ledger/requests.ts';
import { failedIn } from '../lib/ledger/wave-tally.ts';
import { isRunning } from './executions.ts';
import { ledger } from './ledger.ts';
import { cloudWatch, sfn, ssm } from './services.ts';
import { task } from './task.ts';

/** Says what a rollout does next: before the first wave, after each, and while one bakes. */
export const handler = task({
  name: 'Gate',
  input: z.strictObject({
    run: Run,
    rollout: PlannedRollout,
    standing: Standing,
    /** The distributed map of the wave that was carried out last. */
    mapRun: z.string().nullable(),
    /** How long the last whole wave took, here or in the environment before. */
    pace: Pace.nullable(),
  }),

  async run({ run, rollout, standing, mapRun, ...known }, { now, log }): Promise<Answer> {
    const { at, began } = standing;
    await keepLease(ledger(), run, now(), isRunning);
    const ended = at === 0 ? null : (standing.ended ?? now().toISOString());
    const [control, failed, broken, alarms] = await Promise.all([
      controlOf(ledger(), run.run),
      at === 0 ? 0 : failedIn(ledger(), run.run, at),
      mapRun === null ? 0 : brokenIn(sfn(), mapRun),
      rollout.alarms.length === 0 ? [] : alarmsOn(cloudWatch(), rollout.alarms, began),
    ]);
    const due = gate(rollout, { ...standing, ended }, { now: now(), failed, broken, control, alarms });
    const pace = paceSoFar(rollout, { ...standing, ended }) ?? known.pace;
    const step = await atItsTime(due, { run, rollout, standing, pace, now: now() });
    log.info('the rollout', { at, failed, broken, alarms: alarms.length, next: step.next });
    return { step, ended, pace };
  },
});

type Answer = { step: Step; ended: string | null; pace: Pace | null };

/** A wave that was taken up once more did only what was left of it, and says nothing of how long a wave takes. */
const paceSoFar = ({ waves }: PlannedRollout, { at, began, ended, again }: Standing): Pace | null => {
  const wave = waves[at - 1];
  return wave && began !== null && ended !== null && !again ? paceOf(wave, began, ended) : null;
};

/** Whoever breaks the glass need not wait for a window. */
const atItsTime = async (
  due: Step,
  it: { run: Run; rollout: PlannedRollout; standing: Standing; pace: Pace | null; now: Date },
): Promise<Step> => {
  const { run, standing, pace, now } = it;
  const { windows } = it.rollout;
  if (due.next !== 'wave' || windows === undefined) return due;
  const request = await getRequest(ledger(), run.run);
  if (request && brokenBy(request)) return due;
  const calendar = calendarOf(ssm(), windows.calendars);
  return inItsWindow(due, { windows, calendar, now, pace, answer: standing.answer, startedAt: run.startedAt });
};
