import * as z from 'zod';
import { merged } from '../lib/fleet/discovery/parts.ts';
import { FleetSource } from '../lib/fleet/discovery/source.ts';
import { sortOut } from '../lib/fleet/discovery/unfit.ts';
import type { Run } from '../lib/fleet/fleet.ts';
import { BrokenInspection, InspectedCluster } from '../lib/fleet/inspected.ts';
import { findingsDigest, LintFindings } from '../lib/fleet/lint-findings.ts';
import { makePlan, type Plan, type Planned } from '../lib/fleet/plan.ts';
import { PlanChanged } from '../lib/fleet/plan-differences.ts';
import { checkQuota } from '../lib/fleet/quota.ts';
import { RestorePointRule } from '../lib/fleet/restore-point.ts';
import type { Rollout } from '../lib/fleet/rollout.ts';
import { isMissing, mapResults, runKey, successKey } from '../lib/ledger/objects.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { TableFacts } from '../lib/policy/table-facts.ts';
import { bucket, fleetBucket, previousBucket, rds, setting, variable } from './services.ts';

/**
 * Plans a bundle for the fleet as it was found; the same for a run and for a preview, so that both have one digest.
 * What may have changed meanwhile without being another plan is taken from the one that was approved, `asked`.
 *
 * @throws PlanRefused, QuotaShort, PlanChanged
 */
export const planFleet = async (
  run: Run,
  it: { rollout: Rollout; results: string; lint: Written; facts: Written; asked: Plan | null },
  now: Date,
): Promise<{ bundle: Bundle; fleet: InspectedCluster[]; planned: Planned }> => {
  const { rollout, results, asked } = it;
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
    biggest: asked?.rollout.biggest ?? null,
    revert: run.revert,
    restorePoint: RestorePointRule.parse(JSON.parse(variable('RESTORE_POINT'))).kind,
    policy: variable('RULES'),
    fleet: await fleetDigest(run),
    problems: [...discovery.problems, ...problems],
    unfit,
    findings: await findingsOf(run, it.lint),
    facts: asked ? (asked.facts ?? null) : await factsOf(run, it.facts),
    version: variable('VERSION'),
  });
  const { plan } = planned;
  await checkQuota(rds(), { ...owner, kind: plan.restorePoint, clusters: pendingClusters(plan), now });
  return { bundle, fleet, planned };
};

/** A file of the run that an earlier step has written, by its digest. */
export const Written = z.strictObject({ digest: z.string() }).nullable();

type Written = z.infer<typeof Written>;

/** What the step Lint has found; null where a run is taken back. @throws PlanChanged */
const findingsOf = async ({ run }: Run, lint: Written): Promise<LintFindings> => {
  if (lint === null) return [];
  const findings = LintFindings.parse(await bucket().json(runKey(run, 'lint')));
  return believed(findings, findingsDigest(findings) === lint.digest, 'what lint has found');
};

/** What the step Measure has measured; null where it could not. @throws PlanChanged */
const factsOf = async ({ run }: Run, facts: Written): Promise<TableFacts[] | null> => {
  if (facts === null) return null;
  const measured = z.array(TableFacts).parse(await bucket().json(runKey(run, 'facts')));
  return believed(measured, sha256(canonical(measured)) === facts.digest, 'what was measured of tables');
};

/** What another step has written counts only if nobody has written something else since. */
const believed = <Value>(value: Value, same: boolean, what: string): Value => {
  if (!same) throw new PlanChanged({ differences: [`${what} was changed in the bucket`] });
  return value;
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
