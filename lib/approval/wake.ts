import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { leaseOwner } from '../ledger/lease.ts';
import { type Parked, parkedOf, parkTokenOf } from '../ledger/parked.ts';
import type { Table } from '../ledger/table.ts';
import type { Deciding } from './decide.ts';
import { isClosed, isWaiting } from './send-outcome.ts';

/** Whether a run is parked at this moment. */
export const isParked = async ({ table, sfn }: Pick<Deciding, 'table' | 'sfn'>, run: string): Promise<boolean> => {
  const taskToken = await parkTokenOf(table, run);
  return taskToken !== undefined && isWaiting(sfn, { run, taskToken });
};

/**
 * Has a parked run look again, before its time, at what it is to do, and tells it whether it was abandoned; nothing
 * happens to one that is not parked.
 */
export const wake = async (
  { table, sfn }: Pick<Deciding, 'table' | 'sfn'>,
  run: string,
  it: { abandoned: boolean },
): Promise<void> => {
  const taskToken = await parkTokenOf(table, run);
  if (taskToken === undefined) return;
  try {
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(it) }));
  } catch (error) {
    if (isClosed(error)) return;
    // AWS's own message may quote the token.
    throw new Error(`${run} could not be woken: ${(error as Error).name}`, { cause: error });
  }
};

/** The environment's run that is parked, if there is one: who is parked keeps the lease. */
export const parkedNow = async (it: {
  table: Table;
  sfn: Deciding['sfn'];
}): Promise<(Parked & { run: string }) | null> => {
  const run = (await leaseOwner(it.table))?.split(':').at(-1);
  if (run === undefined || !(await isParked(it, run))) return null;
  const parked = await parkedOf(it.table, run);
  return parked ? { run, ...parked } : null;
};
