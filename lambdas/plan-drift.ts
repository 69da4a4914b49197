import { DriftFound, inSentences, type PlannedDrift, plannedDrift, standingIn } from '../lib/fleet/drift/planned.ts';
import { DriftReport } from '../lib/fleet/drift/report.ts';
import { baseOf, DriftState, driftStateKey } from '../lib/fleet/drift/state.ts';
import type { InspectedCluster } from '../lib/fleet/inspected.ts';
import type { Plan } from '../lib/fleet/plan.ts';
import { leftByRuns } from '../lib/ledger/expected.ts';
import { runKey } from '../lib/ledger/objects.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { ledger } from './ledger.ts';
import { remembered } from './remembered.ts';
import { setting } from './services.ts';
import type { World } from './task.ts';
import { vouchedFor } from './vouched.ts';

/** Finds the drift in the fleet of a plan. Where the rules want none, only what a migration accepts is. @throws DriftFound */
export const driftIn = async (
  fleet: InspectedCluster[],
  plan: Plan,
  bundle: Bundle,
  { now, log }: Pick<World, 'now' | 'log'>,
): Promise<PlannedDrift[]> => {
  const left = await leftByRuns(ledger());
  const state = await remembered(driftStateKey, DriftState);
  const at = now().toISOString();
  const vouched = await vouchedFor(standingIn(fleet), baseOf(left, state), at);
  const known = { left, state, report: null, now: at, vouched };
  let found = plannedDrift(fleet, plan, bundle, known);
  if (found.length > 0 && state !== null) {
    const report = await remembered(runKey(state.check, 'report'), DriftReport);
    found = plannedDrift(fleet, plan, bundle, { ...known, report });
  }
  const accepted = found.every(({ acceptedBy }) => acceptedBy !== null);
  const pending = plan.databases.some((it) => it.pending.length > 0);
  // What takes a run back is what one may need because of it.
  if (setting('DRIFT') === 'block' && !accepted && pending && plan.direction === 'up')
    throw new DriftFound({ environment: plan.environment, found });
  if (found.length > 0) log.warn('there is drift', { drift: inSentences(found) });
  return found;
};
