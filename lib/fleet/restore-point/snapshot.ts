import {
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DeleteDBClusterSnapshotCommand,
} from '@aws-sdk/client-rds';
import type { RestorePoint } from '../../ledger/restore-points.ts';
import { clearAway, type Log } from './clear-away.ts';
import { RestorePointFailed } from './failed.ts';
import { isNamed, manualSnapshots, type Rds, snapshotNamed } from './look.ts';
import { type Order, outlived, restorePointIdentifier, runOf, type Standing, tagsOf } from './own.ts';

/** How far a restore point is; what there is to go back to once it is there. */
export type Taken = { percent: number; point: RestorePoint | null };

/**
 * Takes the snapshot of a cluster for a run, or finds the one it took before: the identifier follows from both, so
 * that a repeated call adopts its own, never another's.
 */
export const ensureSnapshot = async (client: Rds, order: Order, log: Log): Promise<Taken> => {
  const snapshot = restorePointIdentifier(order.cluster, order.execution);
  const known = await snapshotNamed(client, snapshot);
  if (known) return adopt(known, order, snapshot);
  await clearAway(log, order, async () => {
    const standing = (await manualSnapshots(client, order.cluster)).map(snapshotStanding);
    return outlived(standing, order).map(({ name }) => ({
      name,
      gone: () => client.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name })),
    }));
  });
  try {
    await client.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: order.cluster,
        DBClusterSnapshotIdentifier: snapshot,
        Tags: tagsOf(order),
      }),
    );
  } catch (error) {
    if (isNamed(error, 'DBClusterNotFoundFault'))
      throw failing(order.cluster, snapshot)('can not be taken: there is no such cluster', { cause: error });
    // Made between the two calls, maybe by a call of ours whose answer was lost: judged the next time.
    if (!isNamed(error, 'DBClusterSnapshotAlreadyExistsFault')) throw error;
  }
  return { percent: 0, point: null };
};

export const snapshotStanding = (it: DBClusterSnapshot): Standing => ({
  name: it.DBClusterSnapshotIdentifier ?? '',
  tags: it.TagList,
  status: it.Status,
  at: it.SnapshotCreateTime,
});

const adopt = (found: DBClusterSnapshot, { cluster, execution }: Order, snapshot: string): Taken => {
  const fail = failing(cluster, snapshot);
  const owner = runOf(found.TagList);
  if (owner !== execution || found.DBClusterIdentifier !== cluster)
    throw fail(`was not taken by this run (${owner ?? 'no tag'})`);
  if (found.Status === 'creating') return { percent: found.PercentProgress ?? 0, point: null };
  if (found.Status !== 'available') throw fail(`is ${found.Status ?? 'in an unknown state'}`);
  const { DbClusterResourceId: resourceId = '', SnapshotCreateTime: at } = found;
  if (at === undefined) throw fail('does not say when it was taken');
  return { percent: 100, point: { kind: 'snapshot', cluster, resourceId, at: at.toISOString(), snapshot } };
};

const failing = (cluster: string, snapshot: string) => (reason: string, options?: ErrorOptions) =>
  new RestorePointFailed({ cluster, restorePoint: `snapshot ${snapshot}`, reason }, options);
