import { verdictOf } from '../../database/data-api-error.ts';
import { inspect } from '../../database/inspect.ts';
import type { Session } from '../../database/session.ts';
import { RestoreDiffers, RestoreFailed } from './failures.ts';
import type { RestoreItem } from './plan.ts';

/**
 * Compares the schema of each database with the one before the run, beginning with the one after those that were
 * compared before. Gives how many are compared now: fewer than all where time is short, or the Data API doesn't answer
 * yet.
 *
 * @throws RestoreDiffers, RestoreFailed
 */
export const verify = async (
  data: Session,
  { cluster, restored, secretArn, databases }: RestoreItem,
  it: { clusterArn: string; verified: number; remaining: () => number },
): Promise<number> => {
  const differing: { database: string; expected: string; found: string }[] = [];
  let verified = it.verified;
  for (const { database, fingerprint } of databases.slice(it.verified)) {
    if (verified > it.verified && it.remaining() < LEAST) break;
    try {
      const { clusterArn } = it;
      const found = await inspect(data, { clusterArn, secretArn, database }, it.remaining);
      if (found.fingerprint !== fingerprint)
        differing.push({ database, expected: fingerprint, found: found.fingerprint });
      verified += 1;
    } catch (error) {
      if (!isSoon(error)) throw unreadable(cluster, restored, database, error);
      break;
    }
  }
  if (differing.length > 0) throw new RestoreDiffers({ cluster, restored, databases: differing });
  return verified;
};

/** Milliseconds within which one more database can be looked at: a Data API call lasts 45 s at most. */
const LEAST = 60_000;

/** A cluster that was made, or had its Data API enabled, just now does not answer for a while. */
const isSoon = (error: unknown): boolean => {
  const { verdict } = verdictOf(error);
  return verdict !== 'database' && (verdict !== 'refused' || (error instanceof Error && NOT_YET.includes(error.name)));
};

const NOT_YET = ['HttpEndpointNotEnabledException', 'DatabaseNotFoundException', 'DatabaseUnavailableException'];

const unreadable = (cluster: string, restored: string, database: string, error: unknown): Error => {
  const { message } = verdictOf(error);
  return new RestoreFailed(
    {
      cluster,
      reason: `${database} in ${restored} can't be read: ${message}. If its password was another one at the restore point, set it there to the secret's, and run the same command again`,
    },
    { cause: error as Error },
  );
};
