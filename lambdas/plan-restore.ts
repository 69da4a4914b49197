import * as z from 'zod';
import { approvedBy } from '../lib/approval/approved.ts';
import { Cluster, Run } from '../lib/fleet/fleet.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { PlanChanged } from '../lib/fleet/plan-differences.ts';
import { lookAt } from '../lib/fleet/restore/look-at.ts';
import { makeRestorePlan, RestoreOrder } from '../lib/fleet/restore/plan.ts';
import { roomFor } from '../lib/fleet/restore/room.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { isProtectedByRestore } from '../lib/ledger/protections.ts';
import { restorePoints } from '../lib/ledger/restore-points.ts';
import { updateRun } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { warnOfGlass } from './people.ts';
import { bucket, rds, variable } from './services.ts';
import { task } from './task.ts';

/**
 * Finds out what there is to go back to and what the new clusters have to be like. What people have approved is planned
 * once more before anything is made: it has to come to the very same plan.
 */
export const handler = task({
  name: 'PlanRestore',
  input: z.strictObject({ run: Run, order: RestoreOrder, approved: z.string().nullable() }),

  async run({ run, order, approved }, { log }) {
    const { clusters } = order;
    const points = (await restorePoints(ledger(), order.run)).filter((it) => clusters?.includes(it.cluster) ?? true);
    const before = z.object({ databases: Plan.shape.databases }).parse(await bucket().json(runKey(order.run, 'plan')));
    const fleet = z.array(Cluster.loose()).parse(await bucket().json(runKey(order.run, 'fleet')));
    const secrets = new Map(fleet.map(({ cluster, secretArn }) => [cluster, secretArn]));
    const found = await lookAt(rds(), points, {
      ...{ secrets, execution: order.execution },
      isOurProtection: (resourceId) => isProtectedByRestore(ledger(), resourceId),
    });
    const { plan, planDigest } = makeRestorePlan(order, before.databases, found, {
      ...{ service: variable('SERVICE'), environment: variable('ENVIRONMENT'), digest: run.digest },
      ...{ policy: variable('RULES'), version: variable('VERSION') },
    });
    await roomFor(rds(), plan);
    if (approved !== null) {
      await warnOfGlass(await approvedBy(ledger(), run.run, approved), log);
      if (planDigest !== approved) throw new PlanChanged({ differences: ['what is to be restored has changed'] });
    }
    await bucket().write(runKey(run.run, 'plan'), plan);
    const key = runKey(run.run, 'clusters');
    const version = await bucket().write(key, plan.clusters);
    await updateRun(ledger(), run.run, { planDigest });
    return { planDigest, swap: plan.swap, clusters: plan.clusters.length, manifest: { key, version } };
  },
});
