import { RestorePointFailed } from './failed.ts';
import { clusterNamed, type Rds } from './look.ts';
import type { Taken } from './snapshot.ts';

/**
 * The moment before the first SQL, in the cluster's own continuous backups: there at once, at no cost. What was found
 * for a run holds (see the ledger): a later call would name a moment with the run's own changes in it.
 */
export const pointInTime = async (client: Rds, { cluster, now }: { cluster: string; now: Date }): Promise<Taken> => {
  const at = secondBefore(now);
  const fail = (reason: string) =>
    new RestorePointFailed({ cluster, restorePoint: `point in time ${at.toISOString()}`, reason });
  const found = await clusterNamed(client, cluster);
  if (!found) throw fail('can not be gone back to: there is no such cluster');
  const { BackupRetentionPeriod: days = 0, EarliestRestorableTime: earliest, DbClusterResourceId: resourceId } = found;
  if (days < 1) throw fail('can not be gone back to: automated backups are off. Set a backup retention period');
  if (earliest === undefined || earliest > at)
    throw fail(
      `can not be gone back to: ${earliest ? `the first backup that there is begins at ${earliest.toISOString()}` : 'there is no backup yet'}`,
    );
  return { percent: 100, point: { kind: 'pointInTime', cluster, resourceId: resourceId ?? '', at: at.toISOString() } };
};

/** RDS restores to whole seconds; one more, since its clock is not the function's. */
const secondBefore = (now: Date): Date => new Date(Math.floor(now.getTime() / 1000) * 1000 - 1000);
