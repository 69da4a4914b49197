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
import { mapResults, runKey } from '../lib/ledger/objects.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { factsOf, findingsOf, type Written } from './plan-inputs.ts';
import { bucket, fleetBucket, rds, variable } from './services.ts';

/**
 * Plans a bundle for the fleet as it was found; the same for a run and for a preview, except for what is looked at only
 * when a run is started: its path, by which the plan has another digest, and its window.
 * What may have changed meanwhile without being another plan is taken from the one that was approved, `asked`.
 *
 * @throws PlanRefused, QuotaShort, PlanChanged
 */
export const planFleet = async (
  run: Run,
  it: { rollout: Rollout; results: string; lint: Earlier; facts: Earlier; asked: Plan | null },
  now: Date,
): Promise<{ bundle: Bundle; fleet: InspectedCluster[]; planned: Planned }> => {
  const { rollout, results, asked } = it;
  const objects = bucket();
  const bundle = await objects.anyBundle(run.digest);
  const inspected = z.array(z.union([InspectedCluster, BrokenInspection])).parse(await mapResults(objects, results));
  const { fit: fleet, unfit, problems } = sortOut(merged(inspected), Unfit.parse(variable('UNFIT')));
  const discovery = Discovery.parse(await objects.json(runKey(run.run, 'discovery')));
  const owner = { service: variable('SERVICE'), environment: variable('ENVIRONMENT') };
  const planned = makePlan(bundle, fleet, {
    ...owner,
    digest: run.digest,
    rollout,
    biggest: asked?.rollout.biggest ?? null,
    revert: run.revert,
    restorePoint: RestorePointRule.parse(JSON.parse(variable('RESTORE_POINT'))).kind,
    policy: variable('RULES'),
    fleet: await fleetDigest(run),
    problems: [...discovery.problems, ...problems],
    unfit,
    findings: await findingsOf(objects, run, it.lint),
    facts: asked ? (asked.facts ?? null) : await factsOf(objects, run, it.facts),
    version: variable('VERSION'),
    ...(run.path ? { path: run.path.name } : {}),
  });
  const { plan } = planned;
  await checkQuota(rds(), { ...owner, kind: plan.restorePoint, clusters: pendingClusters(plan), now });
  return { bundle, fleet, planned };
};

type Earlier = z.output<typeof Written>;

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
