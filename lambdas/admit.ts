import * as z from 'zod';
import type { Run } from '../lib/fleet/fleet.ts';
import { RevertRefused } from '../lib/fleet/reverting.ts';
import { recordRun, runRecord } from '../lib/ledger/runs.ts';
import { NAME } from './execution-name.ts';
import { isRunning, machineOf, takeLease } from './executions.ts';
import { ledger } from './ledger.ts';
import { reachable } from './people.ts';
import { bucket } from './services.ts';
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
  })
  .refine(({ digest, revert }) => digest !== undefined || revert !== undefined, {
    path: ['digest'],
    message: 'name the bundle by its digest, or the run to revert',
  });

/** Lets a run in: the input is sound, the bundle is what its digest says, and nobody else is at work. */
export const handler = task({
  name: 'Admit',
  input: z.strictObject({
    input: Input,
    execution: z.string(),
    run: z
      .string()
      .regex(NAME, 'name the execution with 1 to 80 of A-Z a-z 0-9 _ . = + @ -, beginning with a letter or digit'),
    startedAt: z.string(),
  }),

  async run({ input, execution, run, startedAt }, { now }): Promise<Run> {
    const { revert = null } = input;
    const digest = revert === null ? input.digest! : await digestOf(revert, { ...input, execution });
    await bucket().bundle(digest);
    await reachable();
    const { token } = await takeLease(execution, now());
    const requestedBy = input.requestedBy ?? 'unknown';
    const direction = revert === null ? 'up' : 'down';
    const decided = revert !== null && (await runRecord(ledger(), revert))?.revertedBy === run;
    const admitted: Run = { run, execution, digest, token, requestedBy, startedAt, direction, decided, revert };
    await recordRun(ledger(), { ...admitted, status: 'RUNNING' });
    return admitted;
  },
});

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
