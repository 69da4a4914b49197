import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { apply } from '../../lib/database/apply.ts';
import { inspect } from '../../lib/database/inspect.ts';
import { type Database, session } from '../../lib/database/session.ts';
import { pendingOf, standing } from '../../lib/fleet/pending.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';

// A process that does for some databases what the steps InspectCluster, Apply and Verify do, by the same calls.

/** What the process is told besides where its migrations are. */
export type Errand = { endpoint: string; databases: Database[] };

/** How many clusters of a wave are at work at once by default, here each with one database. */
const CONCURRENCY = 10;

/** Does for some databases what the steps InspectCluster, Apply and Verify do, by the same calls. @throws Error unless all of it is done */
export const bring = async ({ endpoint, databases }: Errand, bundle: Bundle) => {
  const client = new RDSDataClient({
    ...{ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } },
    // As in lambdas/services.ts.
    maxAttempts: 1,
    requestHandler: { requestTimeout: 60_000, throwOnRequestTimeout: true },
  });
  const waiting = [...databases];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await bringOne(client, next, bundle);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  client.destroy();
};

const bringOne = async (client: RDSDataClient, database: Database, bundle: Bundle) => {
  const data = session(client);
  const before = await inspect(data, database);
  const place = standing(bundle, before.history);
  if (place.problems.length > 0) throw new Error(place.problems.join('\n'));
  const progress = await apply(data, database, {
    migrations: bundle.migrations,
    pending: pendingOf(bundle, place),
    installed: before.installed,
    run: 'bench',
    token: 1,
    lockTimeout: '10s',
    statementTimeout: 30_000,
    lockPatience: 0,
    remaining: () => 900_000,
  });
  if (progress.state !== 'applied') throw new Error(progress.failure?.message ?? progress.state);
  const after = await inspect(data, database);
  const blemishes = [...after.invalidIndexes, ...after.notValidated, ...standing(bundle, after.history).problems];
  if (blemishes.length > 0) throw new Error(`${database.database} is not sound: ${blemishes.join(', ')}`);
  if (pendingOf(bundle, standing(bundle, after.history)).length > 0) throw new Error(`${database.database} lacks some`);
};
