import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { discover } from '../lib/fleet/discovery/discover.ts';
import type { Registry } from '../lib/fleet/discovery/from-table.ts';
import { parts } from '../lib/fleet/discovery/parts.ts';
import { FleetSource } from '../lib/fleet/discovery/source.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { bucket, fleetBucket, once, rdsAtLength, rdsData, setting, variable } from './services.ts';
import { task } from './task.ts';

/** Finds the fleet, and writes it down for the run: what comes to it or leaves it meanwhile doesn't change a run under way. */
export const handler = task({
  name: 'Discover',
  // A check for drift is no run, but has a name like one.
  input: z.strictObject({ run: Run.pick({ run: true }).strip() }),

  async run({ run: { run } }, { place, remaining }) {
    const source = FleetSource.parse(await fleetBucket().json(variable('FLEET_KEY')));
    const services = { rds: rdsAtLength(), data: rdsData(), registry: registry(), place, remaining };
    const { clusters, problems } = await discover(source, services, { checked: true });
    await bucket().write(runKey(run, 'fleet'), clusters.flatMap(parts));
    await bucket().write(runKey(run, 'discovery'), { problems });
    return {
      clusters: clusters.length,
      databases: clusters.reduce((sum, { databases }) => sum + databases.length, 0),
      unfit: clusters.filter((it) => it.problems.length > 0).length,
      problems: problems.length,
    };
  },
});

const registry = once((): Registry | undefined => {
  const name = setting('FLEET_TABLE');
  return name === undefined ? undefined : { client: DynamoDBDocumentClient.from(new DynamoDBClient()), name };
});
