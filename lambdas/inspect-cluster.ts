import * as z from 'zod';
import { inspect } from '../lib/database/inspect.ts';
import { session } from '../lib/database/session.ts';
import { Cluster, Run } from '../lib/fleet/fleet.ts';
import type { InspectedCluster } from '../lib/fleet/inspected.ts';
import { standing } from '../lib/fleet/pending.ts';
import { bucket, rdsData } from './services.ts';
import { task } from './task.ts';

/** Reads where every database of a cluster stands; changes nothing. One Data API call per database. */
export const handler = task({
  name: 'InspectCluster',
  input: z.strictObject({ run: Run, cluster: Cluster }),

  async run({ run, cluster }, { remaining }): Promise<InspectedCluster> {
    const bundle = await bucket().bundle(run.digest);
    const data = session(rdsData());
    const { databases, ...where } = cluster;
    const inspected: InspectedCluster['databases'] = [];
    for (const database of databases) {
      const { history, installed, fingerprint, invalidIndexes, notValidated } = await inspect(
        data,
        { ...where, database },
        remaining,
      );
      inspected.push({
        database,
        installed,
        fingerprint,
        blemishes: [...invalidIndexes, ...notValidated],
        ...standing(bundle, history),
      });
    }
    return { ...where, databases: inspected, dataApiCalls: data.calls() };
  },
});
