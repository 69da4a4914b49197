import * as z from 'zod';
import { ClusterIdentifier, type Run } from '../lib/fleet/fleet.ts';
import { type RestoreOrder, RestoreRefused } from '../lib/fleet/restore/plan.ts';
import { recordRun, runRecord } from '../lib/ledger/runs.ts';
import { NAME } from './execution-name.ts';
import { isRunning, machineOf, stillWanted, takeLease } from './executions.ts';
import { ledger } from './ledger.ts';
import { reachable } from './people.ts';
import { variable } from './services.ts';
import { task } from './task.ts';

const Input = z.strictObject({
  /** Name of the run before which everything is to be again. */
  run: z.string().regex(NAME, 'name the run that is to be restored'),
  clusters: z.array(ClusterIdentifier).min(1, 'leave it out for all clusters').optional(),
  swap: z.boolean().default(false),
  requestedBy: z.string().max(200).optional(),
});

/** Lets a restore in: its input is sound, the run is known here and has ended, and nobody else is at work. */
export const handler = task({
  name: 'AdmitRestore',
  input: z.strictObject({
    input: Input,
    execution: z.string(),
    restore: z
      .string()
      .regex(NAME, 'name the execution with 1 to 80 of A-Z a-z 0-9 _ . = + @ -, beginning with a letter or digit'),
    startedAt: z.string(),
  }),

  async run({ input, execution, restore, startedAt }, { now }): Promise<{ run: Run; order: RestoreOrder }> {
    const found = await endedRun(input.run);
    await reachable();
    const { token } = await takeLease(execution, now());
    const run: Run = {
      ...{ run: restore, execution, digest: found.digest, token, requestedBy: input.requestedBy ?? 'unknown' },
      ...{ startedAt, direction: 'down', decided: false, revert: null },
    };
    await recordRun(ledger(), { ...run, restores: input.run, status: 'RUNNING' });
    await stillWanted(run);
    const clusters = input.clusters ? [...new Set(input.clusters)] : null;
    return { run, order: { run: input.run, execution: found.execution, clusters, swap: input.swap } };
  },
});

/** @throws RestoreRefused */
const endedRun = async (run: string) => {
  const refuse = (problem: string) => new RestoreRefused({ run, problems: [problem] });
  const found = await runRecord(ledger(), run);
  if (found === undefined) throw refuse('The ledger of this environment knows no run of that name.');
  // What one cloud's ledger was copied from another's is not this environment's to restore; nor is a restore a run.
  if (machineOf(found.execution) !== variable('RUNS')) throw refuse(`It ran elsewhere, as ${found.execution}.`);
  if (found.status === 'RUNNING' && (await isRunning(found.execution)))
    throw refuse('It is still at work. Wait until it has ended, or stop it.');
  return found;
};
