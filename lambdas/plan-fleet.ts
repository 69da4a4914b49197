import * as z from 'zod';
import { merged } from '../lib/fleet/discovery/parts.ts';
import { FleetSource } from '../lib/fleet/discovery/source.ts';
import { sortOut } from '../lib/fleet/discovery/unfit.ts';
import type { Run } from '../lib/fleet/fleet.ts';
import { BrokenInspection, InspectedCluster } from '../lib/fleet/inspected.ts';
import { makePlan, type Plan, type Planned } from '../lib/fleet/plan.ts';
import { checkQuota } from '../lib/fleet/quota.ts';
import { RestorePointRule } from '../lib/fleet/restore-point.ts';
import type { Rollout } from '../lib/fleet/rollout.ts';
import { isMissing, mapResults, runKey, successKey } from '../lib/ledger/objects.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { bucket, fleetBucket, previousBucket, rds, setting, variable } from './services.ts';

/**
 * Plans a bundle for the fleet as it was found; the same for a run and for a preview, so that both have one digest.
 * `biggest` is what the plan that was approved took for the biggest cluster.
 */
export const planFleet = async (
  run: Run,
  { rollout, results, biggest }: { rollout: Rollout; results: string; biggest: string | null },
  now: Date,
): Promise<{ bundle: Bundle; fleet: InspectedCluster[]; planned: Planned }> => {
  const objects = bucket();
  const bundle = await objects.bundle(run.digest);
  const inspected = z.array(z.union([InspectedCluster, BrokenInspection])).parse(await mapResults(objects, results));
  const { fit: fleet, unfit, problems } = sortOut(merged(inspected), Unfit.parse(variable('UNFIT')));
  const discovery = Discovery.parse(await objects.json(runKey(run.run, 'discovery')));
  const owner = { service: variable('SERVICE'), environment: variable('ENVIRONMENT') };
  const planned = makePlan(bundle, fleet, {
    ...owner,
    digest: run.digest,
    rollout,
    biggest,
    revert: run.revert,
    restorePoint: RestorePointRule.parse(JSON.parse(variable('RESTORE_POINT'))).kind,
    policy: variable('RULES'),
    fleet: await fleetDigest(run),
    problems: [...discovery.problems, ...problems],
    unfit,
    version: variable('VERSION'),
  });
  const { plan } = planned;
  await checkQuota(rds(), { ...owner, kind: plan.restorePoint, clusters: pendingClusters(plan), now });
  return { bundle, fleet, planned };
};

const Unfit = z.enum(['refuse', 'skip']);
const Discovery = z.object({ problems: z.array(z.string()) });

/** Of the fleet as it is deployed, and as it was found this time: an approval is of these clusters and secrets. */
const fleetDigest = async ({ run }: Run): Promise<string> => {
  const declared = FleetSource.parse(await fleetBucket().json(variable('FLEET_KEY')));
  return sha256(canonical({ declared, found: await bucket().json(runKey(run, 'fleet')) }));
};

const pendingClusters = ({ databases }: Plan): string[] => [
  ...new Set(databases.filter(({ pending }) => pending.length > 0).map(({ cluster }) => cluster)),
];

/** How the bundle fared in the environment before; null where there is none, or it has not got there. */
export const previous = async (digest: string): Promise<unknown> => {
  if (setting('PREVIOUS_BUCKET') === undefined) return null;
  try {
    return await previousBucket().json(successKey(digest));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};
