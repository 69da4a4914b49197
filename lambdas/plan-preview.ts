import * as z from 'zod';
import { Run } from '../lib/fleet/fleet.ts';
import { Rollout } from '../lib/fleet/rollout.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { planFleet } from './plan-fleet.ts';
import { Written } from './plan-inputs.ts';
import { bucket } from './services.ts';
import { task } from './task.ts';

/** Writes down what a run would do, as its plan would say it, where nothing carries it out. */
export const handler = task({
  name: 'PlanPreview',
  input: z.strictObject({ run: Run, rollout: Rollout, results: z.string(), lint: Written, facts: Written }),

  async run({ run, rollout, results, lint, facts }, { now }) {
    const asked = { rollout, results, lint, facts, asked: null };
    const { plan, planDigest } = (await planFleet(run, asked, now())).planned;
    await bucket().write(runKey(run.run, 'plan'), { ...plan, planDigest });
    const pending = plan.databases.filter((it) => it.pending.length > 0).length;
    return { planDigest, pending, migrations: plan.migrations.length };
  },
});
