import * as z from 'zod';
import { Run } from '../lib/fleet/fleet.ts';
import { BrokenInspection, InspectedCluster } from '../lib/fleet/inspected.ts';
import { makePlan } from '../lib/fleet/plan.ts';
import { mapResults, runKey } from '../lib/ledger/objects.ts';
import { updateRun } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { bucket, variable } from './services.ts';
import { task } from './task.ts';

/** Turns what was found in the fleet into a plan, and writes down a manifest for each wave. */
export const handler = task({
  name: 'Plan',
  input: z.strictObject({ run: Run, results: z.string() }),

  async run({ run, results }) {
    const objects = bucket();
    const bundle = await objects.bundle(run.digest);
    const fleet = z.array(z.union([InspectedCluster, BrokenInspection])).parse(await mapResults(objects, results));
    const { plan, planDigest, waves } = makePlan(bundle, fleet, {
      service: variable('SERVICE'),
      environment: variable('ENVIRONMENT'),
      digest: run.digest,
      waveSize: z.coerce.number().int().min(1).parse(variable('WAVE_SIZE')),
      revert: run.revert,
    });
    const manifests = waves.map((_, index) => ({ wave: index + 1, key: runKey(run.run, `waves/${index + 1}`) }));
    await objects.write(runKey(run.run, 'plan'), {
      ...plan,
      planDigest,
      dataApiCalls: Object.fromEntries(
        fleet.flatMap(({ cluster, databases }) =>
          databases.map(({ database, dataApiCalls }) => [`${cluster}/${database}`, dataApiCalls]),
        ),
      ),
    });
    await Promise.all(waves.map((wave, index) => objects.write(manifests[index]!.key, wave)));
    await updateRun(ledger(), run.run, { planDigest });
    return {
      planDigest,
      pending: plan.databases.filter(({ pending }) => pending.length > 0).length,
      migrations: plan.migrations.length,
      waves: manifests,
    };
  },
});
