import * as z from 'zod';
import { inspect } from '../lib/database/inspect.ts';
import { type Database, type Session, session } from '../lib/database/session.ts';
import { whyUnreadable } from '../lib/database/unreadable.ts';
import { levelOf } from '../lib/fleet/drift/level.ts';
import { type SeenCluster, unseen } from '../lib/fleet/drift/seen.ts';
import { Cluster } from '../lib/fleet/fleet.ts';
import { rdsData } from './services.ts';
import { task } from './task.ts';

/** Reads what every database of a cluster looks like; changes nothing. One Data API call for each. */
export const handler = task({
  name: 'FingerprintCluster',
  input: z.strictObject({ run: z.object({ run: z.string() }), cluster: Cluster }),

  async run({ cluster: { cluster, clusterArn, secretArn, databases, problems } }, { remaining }): Promise<SeenCluster> {
    const where = { clusterArn, secretArn };
    if (problems.length > 0) {
      const all = databases.map((database) => unseen(database, problems.join(' '), 0));
      return { cluster, ...where, problems: all.length > 0 ? [] : problems, databases: all };
    }
    const data = session(rdsData());
    const seen: SeenCluster['databases'] = [];
    for (const database of databases) seen.push(await look(data, { ...where, database }, remaining));
    return { cluster, ...where, problems, databases: seen };
  },
});

/** A database that can't be read is a finding by itself; it doesn't hide what is to be said of the others. */
const look = async (
  data: Session,
  database: Database,
  remaining: () => number,
): Promise<SeenCluster['databases'][number]> => {
  const before = data.calls();
  try {
    const { fingerprint, history } = await inspect(data, database, remaining);
    const applied = history.filter(({ state }) => state === 'applied').length;
    const { database: name } = database;
    return {
      ...{ database: name, fingerprint, level: levelOf(history), applied },
      ...{ problem: null, dataApiCalls: data.calls() - before },
    };
  } catch (error) {
    const problem = whyUnreadable(error);
    if (problem === null) throw error;
    return unseen(database.database, problem, data.calls() - before);
  }
};
