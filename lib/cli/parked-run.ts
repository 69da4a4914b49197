import { leaseOwner } from '../ledger/lease.ts';
import { parkedOf } from '../ledger/parked.ts';
import type { ParkedRun } from './approvals-view.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';
import { phaseReader } from './run-phase.ts';

/** The environment's run that rests until its window opens; null where none does, or the ledger may not be read. */
export const parkedRun = async (
  { dynamodb, sfn }: Pick<Clients, 'dynamodb' | 'sfn'>,
  { ledger }: Pick<Pipeline, 'ledger'>,
): Promise<ParkedRun | null> => {
  const table = { client: dynamodb, name: ledger };
  try {
    const owner = await leaseOwner(table);
    const run = owner?.split(':').at(-1);
    const parked = run === undefined ? undefined : await parkedOf(table, run);
    if (!owner || !run || !parked) return null;
    const phase = await phaseReader(sfn, owner)();
    return phase.phase === 'parked' && phase.waits ? { run, ...parked } : null;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return null;
    throw error;
  }
};
