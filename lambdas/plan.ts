import * as z from 'zod';
import { approvedBy } from '../lib/approval/approved.ts';
import { startMail } from '../lib/approval/mail.ts';
import { summarize } from '../lib/approval/summary.ts';
import { inSentences, type PlannedDrift } from '../lib/fleet/drift/planned.ts';
import { Run } from '../lib/fleet/fleet.ts';
import type { InspectedCluster } from '../lib/fleet/inspected.ts';
import { Pace } from '../lib/fleet/pace.ts';
import { type Plan, type Planned, Plan as WrittenPlan } from '../lib/fleet/plan.ts';
import { differences, PlanChanged } from '../lib/fleet/plan-differences.ts';
import { type PlannedRollout, Rollout } from '../lib/fleet/rollout.ts';
import { isMissing, type Objects, runKey } from '../lib/ledger/objects.ts';
import { runRecord, updateRun } from '../lib/ledger/runs.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { Attestation } from '../lib/policy/promotion/statements.ts';
import { ledger } from './ledger.ts';
import { mailEverybody, policy, post, warnOfGlass } from './people.ts';
import { driftIn } from './plan-drift.ts';
import { planFleet } from './plan-fleet.ts';
import { Written } from './plan-inputs.ts';
import { promoted } from './promotion.ts';
import { bucket } from './services.ts';
import { task, type World } from './task.ts';

/**
 * Turns what was found in the fleet into a plan, and writes down a manifest for each wave. What people have approved
 * is planned once more before anything is carried out: it has to come to the very same plan.
 */
export const handler = task({
  name: 'Plan',
  input: z.strictObject({
    run: Run,
    rollout: Rollout,
    results: z.string(),
    approved: z.string().nullable(),
    lint: Written,
    facts: Written,
  }),

  async run({ run, rollout: declared, results, approved, lint, facts }, { log, now }) {
    const objects = bucket();
    // People may have taken days, or it was parked: meanwhile it may have been taken back where it came from.
    if (run.path) await promoted({ digest: run.digest, path: run.path.name, now: now() });
    const asked = approved === null ? null : await approvedPlan(objects, run.run, results);
    // What the rules have decided to take back is not left standing until a window opens.
    const rollout: Rollout = run.decided ? { ...declared, windows: undefined } : declared;
    const { bundle, fleet, planned } = await planFleet(
      run,
      { rollout, results, lint, facts, asked: asked?.plan ?? null },
      now(),
    );
    const { plan, planDigest } = planned;
    const drift = await driftIn(fleet, plan, bundle, { now, log });
    const before = approved === null ? {} : await confirm(run, { ...planned, approved, asked }, log);
    const fared = run.path ? await previous(objects, run.run) : null;
    const calls = { before, now: callsOf(fleet) };
    const waves = await write(objects, run, planned, { inspected: results, previous: fared, calls, drift });
    await updateRun(ledger(), run.run, { planDigest });
    const pending = plan.databases.filter((it) => it.pending.length > 0).length;
    if (pending > 0) await tellStart({ run, plan, bundle, approved, drift }, log);
    const { onHalt, alarms, healthCheck, canRevert } = plan.rollout;
    const told: PlannedRollout = {
      waves,
      onHalt,
      alarms,
      healthCheck,
      canRevert,
      ...(rollout.windows ? { windows: rollout.windows } : {}),
    };
    return { planDigest, pending, migrations: plan.migrations.length, rollout: told, pace: paceIn(fared) };
  },
});

/** How quickly waves of the bundle went in the environment before; null where that is not known. */
const paceIn = (fared: unknown): Pace | null => z.object({ pace: Pace }).safeParse(fared).data?.pace ?? null;

type Calls = Record<string, number>;
type Asked = { plan: Plan; dataApiCalls: Calls };

/** Gives the Data API calls that it took to make the plan that was approved. @throws PlanChanged, NotApproved */
const confirm = async (
  { run }: Run,
  { plan, planDigest, approved, asked: found }: Planned & { approved: string; asked: Asked | null },
  log: World['log'],
): Promise<Calls> => {
  await warnOfGlass(await approvedBy(ledger(), run, approved), log);
  if (found === null || sha256(canonical(found.plan)) !== approved) {
    throw new PlanChanged({ differences: ['the plan in the bucket was changed after it was approved'] });
  }
  if (planDigest !== approved) throw new PlanChanged({ differences: differences(found.plan, plan) });
  return found.dataApiCalls;
};

/** Null where something else, or nothing, lies in its place. */
const approvedPlan = async (objects: Objects, run: string, results: string): Promise<Asked | null> => {
  const written = await objects.json(runKey(run, 'plan')).catch((error) => {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  });
  const Counted = z.record(z.string(), z.number());
  const Full = WrittenPlan.extend({ dataApiCalls: Counted, callsBefore: Counted, inspected: z.string() });
  const found = Full.safeParse(written);
  if (!found.success) return null;
  const { dataApiCalls, callsBefore, inspected, ...plan } = found.data;
  // The step may be repeated: what it has added to the calls already is not what there was before.
  return { plan, dataApiCalls: inspected === results ? callsBefore : dataApiCalls };
};

/** The waves' manifests are read in the version that is written here, whoever may write others meanwhile. */
const write = async (
  objects: Objects,
  { run }: Run,
  { plan, planDigest, waves }: Planned,
  it: { inspected: string; previous: unknown; calls: { before: Calls; now: Calls }; drift: PlannedDrift[] },
) => {
  await objects.write(runKey(run, 'plan'), {
    ...plan,
    planDigest,
    dataApiCalls: sum(it.calls.before, it.calls.now),
    callsBefore: it.calls.before,
    /** Where the inspection lies that it was made of: another one has calls of its own. */
    inspected: it.inspected,
    previous: it.previous,
    drift: it.drift,
  });
  return Promise.all(
    waves.map(async (wave, index) => {
      const key = runKey(run, `waves/${index + 1}`);
      const version = await objects.write(key, wave);
      if (version === null) throw new Error("the environment's bucket keeps no versions");
      return { ...plan.rollout.waves[index]!, key, version };
    }),
  );
};

/** What it took to look at each database. */
const callsOf = (fleet: InspectedCluster[]): Calls =>
  Object.fromEntries(
    fleet.flatMap(({ cluster, databases }) =>
      databases.map(({ database, dataApiCalls }) => [`${cluster}/${database}`, dataApiCalls]),
    ),
  );

const sum = (before: Calls, now: Calls): Calls =>
  Object.fromEntries(Object.entries(now).map(([name, calls]) => [name, calls + (before[name] ?? 0)]));

/** How the bundle fared in the environment before, by what that has attested. */
const previous = async (objects: Objects, run: string): Promise<unknown> => {
  const { attestations } = Came.parse(await objects.json(runKey(run, 'promotion')));
  return attestations[0] ?? null;
};

const Came = z.object({ attestations: z.array(Attestation) });

/** Once, when nobody has to be asked any more; whoever is asked hears of it by that. */
const tellStart = async (
  it: { run: Run; plan: Plan; bundle: Bundle; approved: string | null; drift: PlannedDrift[] },
  log: World['log'],
): Promise<void> => {
  const { run, plan, bundle, approved, drift } = it;
  const rules = await policy();
  if (rules !== null && approved === null) return;
  // A run that was parked is planned once more.
  if ((await runRecord(ledger(), run.run))?.startTold) return;
  try {
    const { what } = summarize(plan, bundle);
    const mail = startMail({ ...plan, run: run.run, requestedBy: run.requestedBy, what, drift: inSentences(drift) });
    await mailEverybody(rules, mail);
    if (rules !== null) await post(rules).say(mail.Subject);
    await updateRun(ledger(), run.run, { startTold: true });
  } catch (error) {
    log.warn('the start could not be told', { error: error as Error });
  }
};
