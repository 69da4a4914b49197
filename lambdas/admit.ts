import * as z from 'zod';
import { calendarOf } from '../lib/fleet/calendars.ts';
import type { Run } from '../lib/fleet/fleet.ts';
import { RevertRefused } from '../lib/fleet/reverting.ts';
import { admitInWindow, NoGlass } from '../lib/fleet/window-gate.ts';
import { LeaseHeld } from '../lib/ledger/lease.ts';
import { BundleNotFound, runKey } from '../lib/ledger/objects.ts';
import { recordRun, runRecord } from '../lib/ledger/runs.ts';
import { NotPromotedYet } from '../lib/policy/promotion/path.ts';
import { Windows } from '../lib/policy/windows/windows.ts';
import { NAME } from './execution-name.ts';
import { isRunning, machineOf, stillWanted, takeLease } from './executions.ts';
import { ledger } from './ledger.ts';
import { policy, reachable } from './people.ts';
import { fetchBundle, mayWait, promoted } from './promotion.ts';
import { bucket, ssm, variable } from './services.ts';
import { task } from './task.ts';

const Input = z
  .strictObject({
    /** May be left out with `revert`: it is that run's. */
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'a bundle digest is 64 hexadecimal digits')
      .optional(),
    /** Name of the run whose migrations are to be taken back. */
    revert: z.string().regex(NAME, 'name the run that is to be taken back').optional(),
    requestedBy: z.string().max(200).optional(),
    /** Not to be refused for the hour: it goes ahead if somebody breaks the glass. */
    emergency: z.boolean().optional(),
    /** Name of the path by which it comes here. */
    path: z.string().max(40).optional(),
    /** It was started by itself, and waits for what its path still asks for. */
    waits: z.boolean().default(false),
  })
  .refine(({ digest, revert }) => digest !== undefined || revert !== undefined, {
    path: ['digest'],
    message: 'name the bundle by its digest, or the run to revert',
  });

/**
 * Lets a run in: the input is sound, the bundle is what its digest says and has come here by a declared path, and nobody
 * else is at work. What takes a run back goes no path.
 */
export const handler = task({
  name: 'Admit',
  input: z.strictObject({
    input: Input,
    execution: z.string(),
    run: z
      .string()
      .regex(NAME, 'name the execution with 1 to 80 of A-Z a-z 0-9 _ . = + @ -, beginning with a letter or digit'),
    startedAt: z.string(),
    windows: Windows.optional(),
  }),

  async run({ input, execution, run, startedAt, windows }, { now }): Promise<Run> {
    const { revert = null } = input;
    const digest = revert === null ? input.digest! : await digestOf(revert, { ...input, execution });
    const came = revert === null ? await arrival(digest, { ...input, run, startedAt, now: now() }) : null;
    await bundleOf(digest);
    await reachable();
    const decided = revert !== null && (await runRecord(ledger(), revert))?.revertedBy === run;
    if (windows && !decided) await admitAtThisHour(windows, input, now());
    const { token } = await takeLease(execution, now()).catch(later(input, { digest, startedAt, now: now() }));
    const requestedBy = input.requestedBy ?? 'unknown';
    const direction = revert === null ? 'up' : 'down';
    const admitted: Run = {
      ...{ run, execution, digest, token, requestedBy, startedAt, direction, decided, revert },
      ...came,
    };
    await recordRun(ledger(), { ...admitted, status: 'RUNNING' });
    await stillWanted(admitted);
    return admitted;
  },
});

/** @throws OutsideWindow, NoGlass */
const admitAtThisHour = async (
  windows: Windows,
  { emergency = false }: z.infer<typeof Input>,
  now: Date,
): Promise<void> => {
  const glass = (await policy())?.breakGlass != null;
  if (emergency && !glass) throw new NoGlass({});
  if (emergency) return;
  const remedy = glass
    ? 'In an emergency, start it with --emergency, and somebody who may has to break the glass.'
    : '';
  await admitInWindow({ windows, calendar: calendarOf(ssm(), windows.calendars), now }, remedy);
};

/** What the path asks of approvers; what was found on it is written down beside the run. @throws PromotionRefused, NotPromotedYet */
const arrival = async (
  digest: string,
  it: { run: string; startedAt: string; path?: string | undefined; waits: boolean; now: Date },
): Promise<Pick<Run, 'path'>> => {
  const { run, path, waits, startedAt, now } = it;
  const found = await promoted({ digest, path, now, waitingSince: waits ? new Date(startedAt) : undefined });
  if (found === null) return {};
  await bucket().write(runKey(run, 'promotion'), found);
  return { path: found.path };
};

/** Where nobody has uploaded it, it is taken from the environment before. */
const bundleOf = async (digest: string): Promise<void> => {
  try {
    await bucket().bundle(digest);
  } catch (error) {
    if (!(error instanceof BundleNotFound)) throw error;
    await fetchBundle(digest);
  }
};

/** A run that waits for its turn anyway waits for the one at work, too, and no longer than for anything else. */
const later =
  ({ waits, path }: z.infer<typeof Input>, it: { digest: string; startedAt: string; now: Date }) =>
  async (error: unknown): Promise<never> => {
    const { digest, startedAt, now } = it;
    if (!waits || !(error instanceof LeaseHeld)) throw error;
    if (!(await mayWait(path, new Date(startedAt), now))) throw error;
    const told = { environment: variable('ENVIRONMENT'), digest, path: 'any', missing: [error.message] };
    throw new NotPromotedYet(told, { cause: error });
  };

/** The bundle of a run that may be taken back here. @throws RevertRefused */
const digestOf = async (
  revert: string,
  { digest, execution }: { digest?: string | undefined; execution: string },
): Promise<string> => {
  const refuse = (reason: string) => new RevertRefused({ revert, reason });
  const found = await runRecord(ledger(), revert);
  if (found === undefined) throw refuse('the ledger of this environment knows no run of that name.');
  // What one cloud's ledger was copied from another's is not this environment's to take back.
  if (machineOf(found.execution) !== machineOf(execution)) throw refuse(`it ran elsewhere, as ${found.execution}.`);
  if (found.revert) {
    throw refuse(`it took run ${found.revert} back itself. To bring that in again, start a run of its bundle.`);
  }
  if (digest !== undefined && digest !== found.digest)
    throw refuse(`it was of bundle ${found.digest}, not of ${digest}. Leave the digest out.`);
  if (found.status === 'RUNNING' && (await isRunning(found.execution)))
    throw refuse('it is still at work. Wait until it has ended, or stop it.');
  return found.digest;
};
