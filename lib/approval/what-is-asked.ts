import * as z from 'zod';
import { PlannedDrift } from '../fleet/drift/planned.ts';
import { Plan } from '../fleet/plan.ts';
import { RestorePlan } from '../fleet/restore/plan.ts';
import { isMissing, type Objects, runKey } from '../ledger/objects.ts';
import type { ApprovalRequest } from '../ledger/request.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import type { Previous } from './mail.ts';

/** Informs, and is no part of what is approved. */
const previously: z.ZodType<Previous> = z.object({
  environment: z.string(),
  run: z.string(),
  endedAt: z.string(),
  requestedBy: z.string(),
  approvedBy: z.array(z.string()),
  milliseconds: z.number(),
  migrations: z.array(z.object({ id: z.string(), milliseconds: z.number() })),
});

/** All that an approver is shown of a run. */
export type MigrationAsked = { plan: Plan; bundle: Bundle; previous: Previous | null; drift?: PlannedDrift[] };

/** All that an approver is shown of a restore. */
export type RestoreAsked = { restore: RestorePlan };

/** What lies beside the plan. An earlier version wrote less of it. */
const Beside = z.object({
  previous: previously.nullable().catch(null),
  drift: z.array(PlannedDrift).catch([]),
});

export type WhatIsAsked = MigrationAsked | RestoreAsked;

/** Reads the plan that a request was made for, and its bundle; null where another plan, or none, stands in its place. */
export const readWhatIsAsked = async (
  objects: Objects,
  request: Pick<ApprovalRequest, 'run' | 'planDigest'>,
): Promise<WhatIsAsked | null> => {
  const written = await objects.json(runKey(request.run, 'plan')).catch((error) => {
    if (isMissing(error)) return null;
    throw error;
  });
  const restore = RestorePlan.safeParse(written);
  if (restore.success) return sha256(canonical(restore.data)) === request.planDigest ? { restore: restore.data } : null;
  const parsed = Plan.safeParse(written);
  if (!parsed.success || sha256(canonical(parsed.data)) !== request.planDigest) return null;
  const plan = parsed.data;
  const { previous, drift } = Beside.parse(written);
  return { plan, bundle: await objects.bundle(plan.digest), previous, drift };
};
