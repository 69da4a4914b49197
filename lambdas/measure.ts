import * as z from 'zod';
import { session } from '../lib/database/session.ts';
import { merged } from '../lib/fleet/discovery/parts.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { BrokenInspection, InspectedCluster } from '../lib/fleet/inspected.ts';
import { readFacts } from '../lib/fleet/read-facts.ts';
import { mapResults, runKey } from '../lib/ledger/objects.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { bucket, rdsData } from './services.ts';
import { task } from './task.ts';

type Measured = { facts: { digest: string } | null; dataApiCalls: number };

/**
 * Measures the tables that pending statements touch, where databases are largest. By itself, since the plan, which uses
 * it, also speaks with people: what knows how to reach them can't reach databases.
 */
export const handler = task({
  name: 'Measure',
  input: z.strictObject({ run: Run, results: z.string(), approved: z.string().nullable() }),

  async run({ run, results, approved }, { remaining, log }): Promise<Measured> {
    // What was approved holds what was measured then.
    if (approved !== null) return { facts: null, dataApiCalls: 0 };
    const objects = bucket();
    const bundle = await objects.anyBundle(run.digest);
    const inspected = z.array(z.union([InspectedCluster, BrokenInspection])).parse(await mapResults(objects, results));
    const { direction } = run;
    const data = session(rdsData());
    const facts = await readFacts(data, bundle, merged(inspected), {
      ...{ direction, remaining },
      unread: (database, why) => log.warn('what its tables are like is not known', { database, why }),
    });
    const dataApiCalls = data.calls();
    if (facts === null) return { facts, dataApiCalls };
    await objects.write(runKey(run.run, 'facts'), facts);
    return { facts: { digest: sha256(canonical(facts)) }, dataApiCalls };
  },
});
