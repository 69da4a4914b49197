import * as z from 'zod';
import { Run } from '../lib/fleet/fleet.ts';
import { Rollout } from '../lib/fleet/rollout.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { driftIn } from './plan-drift.ts';
import { planFleet } from './plan-fleet.ts';
import { Written } from './plan-inputs.ts';
import { bucket } from './services.ts';
import { task } from './task.ts';

/** Writes down what a run would do, as its plan would say it, where nothing carries it out. @throws DriftFound */
export const handler = task({
  name: 'PlanPreview',
  input: z.strictObject({ run: Run, rollout: Rollout, results: z.string(), lint: Written, facts: Written }),

  async run({ run, rollout, results, lint, facts }, { now, log }) {
    const asked = { rollout, results, lint, facts, asked: null };
    const { bundle, fleet, planned } = await planFleet(run, asked, now());
    const { plan, planDigest } = planned;
    const drift = await driftIn(fleet, plan, bundle, { now, log });
    await bucket().write(runKey(run.run, 'plan'), { ...plan, planDigest, drift });
    const pending = plan.databases.filter((it) => it.pending.length > 0).length;
    return { planDigest, pending, migrations: plan.migrations.length };
  },
});
