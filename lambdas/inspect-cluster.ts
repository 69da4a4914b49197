import * as z from 'zod';
import { verdictOf } from '../lib/database/data-api-error.ts';
import { inspect } from '../lib/database/inspect.ts';
import { type Database, type Session, session } from '../lib/database/session.ts';
import { isExpected } from '../lib/failure.ts';
import { Cluster, Run } from '../lib/fleet/fleet.ts';
import type { InspectedCluster } from '../lib/fleet/inspected.ts';
import { standing } from '../lib/fleet/pending.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
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
    for (const database of databases) inspected.push(await look(data, { ...where, database }, bundle, remaining));
    return { ...where, databases: inspected, dataApiCalls: data.calls() };
  },
});

/** A database that can't be read is a problem of the plan, which names it; it doesn't hide what else there is to say. */
const look = async (
  data: Session,
  { database, ...where }: Database,
  bundle: Bundle,
  remaining: () => number,
): Promise<InspectedCluster['databases'][number]> => {
  try {
    const found = await inspect(data, { ...where, database }, remaining);
    const { history, installed, fingerprint, invalidIndexes, notValidated } = found;
    return {
      database,
      installed,
      fingerprint,
      blemishes: [...invalidIndexes, ...notValidated],
      ...standing(bundle, history),
    };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    return { database, installed: false, fingerprint: '', blemishes: [], applied: 0, problems: [problem] };
  }
};

const problemOf = (error: unknown): string | null => {
  if (isExpected(error)) return error.message;
  const it = verdictOf(error);
  // PostgreSQL's own answer: there is no such database, no permission …
  if (it.verdict === 'database') return `can't be read: ${it.message} (SQLSTATE ${it.sqlstate})`;
  return it.verdict === 'running' ? "can't be read within the Data API's 45 seconds" : null;
};
