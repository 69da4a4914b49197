import * as z from 'zod';
import { inspect } from '../lib/database/inspect.ts';
import { type Database, type Session, session } from '../lib/database/session.ts';
import { whyUnreadable } from '../lib/database/unreadable.ts';
import { levelOf } from '../lib/fleet/drift/level.ts';
import { Cluster, Run } from '../lib/fleet/fleet.ts';
import { type InspectedCluster, unread } from '../lib/fleet/inspected.ts';
import { standing } from '../lib/fleet/pending.ts';
import { rangesOf } from '../lib/fleet/ranges.ts';
import { reverting } from '../lib/fleet/reverting.ts';
import { runRows } from '../lib/fleet/run-rows.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { bucket, rdsData } from './services.ts';
import { task } from './task.ts';

/** Reads where every database of a cluster stands; changes nothing. One Data API call per database to go up. */
export const handler = task({
  name: 'InspectCluster',
  input: z.strictObject({ run: Run, cluster: Cluster }),

  async run({ run, cluster }, { remaining }): Promise<InspectedCluster> {
    const { databases, databaseLabels, labels, problems, ...where } = cluster;
    if (problems.length > 0) return { ...where, labels, problems, databases: [] };
    const bundle = await bucket().anyBundle(run.digest);
    const data = session(rdsData());
    const inspected: InspectedCluster['databases'] = [];
    for (const database of databases) {
      const found = await look(data, { ...where, database }, bundle, run, remaining);
      inspected.push({ ...found, labels: { ...labels, ...databaseLabels[database] } });
    }
    return { ...where, labels, problems, databases: inspected };
  },
});

/** A database that can't be read is a problem of the plan, which names it; it doesn't hide what else there is to say. */
const look = async (
  data: Session,
  { database, ...where }: Database,
  bundle: Bundle,
  run: Run,
  remaining: () => number,
): Promise<Omit<InspectedCluster['databases'][number], 'labels'>> => {
  const before = data.calls();
  try {
    const found = await inspect(data, { ...where, database }, remaining);
    const { history, installed, fingerprint, server, bytes, invalidIndexes, notValidated } = found;
    const { problems, ...place } = standing(bundle, history);
    const back = run.revert === null ? null : await stands(data, { ...where, database }, bundle, run);
    return {
      database,
      installed,
      fingerprint,
      head: sha256(canonical(history.map(({ milliseconds: _, ...row }) => row))),
      level: levelOf(history),
      server,
      bytes,
      blemishes: [...invalidIndexes, ...notValidated],
      ...place,
      taken: back?.taken ?? [],
      // What speaks against going on does not always speak against going back.
      problems: back?.problems ?? problems,
      dataApiCalls: data.calls() - before,
    };
  } catch (error) {
    const problem = whyUnreadable(error);
    if (problem === null) throw error;
    return unread(database, problem, data.calls() - before);
  }
};

/** What stands of the run that is to be taken back, by its places in the bundle. */
const stands = async (data: Session, database: Database, bundle: Bundle, { run, revert }: Run) => {
  const history = await runRows(data, database);
  const { pending, problems } = reverting(bundle, history, { run, revert: revert ?? '' });
  const ids = new Set(pending);
  return { taken: rangesOf(bundle.migrations.flatMap(({ id }, index) => (ids.has(id) ? [index] : []))), problems };
};
