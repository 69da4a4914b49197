import { createHash } from 'node:crypto';
import {
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { failure } from '../failure.ts';

/** A cluster can't be given a restore point, so no SQL is sent to it. */
export const RestorePointFailed = failure(
  'RestorePointFailed',
  (it: { cluster: string; snapshot: string; reason: string }) =>
    `${it.cluster}: snapshot ${it.snapshot} ${it.reason}. No SQL was sent to the cluster.`,
);

export type RestorePoint = { snapshot: string; status: 'creating' | 'available'; percent: number };

/**
 * Takes the snapshot of a cluster for a run, or finds the one it took before: the identifier follows from both, so
 * that a repeated call adopts its own, never another's.
 */
export const ensureSnapshot = async (
  client: Pick<RDSClient, 'send'>,
  it: { cluster: string; run: string; tags: Record<string, string> },
): Promise<RestorePoint> => {
  const snapshot = snapshotIdentifier(it.cluster, it.run);
  const known = await describe(client, snapshot);
  if (known) return adopt(known, { ...it, snapshot });
  try {
    await client.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: it.cluster,
        DBClusterSnapshotIdentifier: snapshot,
        Tags: Object.entries({ ...it.tags, [RUN_TAG]: it.run }).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'DBClusterSnapshotAlreadyExistsFault') throw error;
  }
  return { snapshot, status: 'creating', percent: 0 };
};

const RUN_TAG = 'lockstep:run';

/** At most 63 characters, lower case, no double hyphen (RDS); the hash tells runs apart where the cluster's name is cut. */
export const snapshotIdentifier = (cluster: string, run: string): string => {
  const hash = createHash('sha256').update(`${cluster} ${run}`).digest('hex').slice(0, 12);
  return `lockstep-${cluster.slice(0, 40).replace(/-+$/, '')}-${hash}`;
};

const describe = async (client: Pick<RDSClient, 'send'>, snapshot: string): Promise<DBClusterSnapshot | undefined> => {
  try {
    const { DBClusterSnapshots } = await client.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: snapshot }),
    );
    return DBClusterSnapshots?.[0];
  } catch (error) {
    if (error instanceof Error && error.name === 'DBClusterSnapshotNotFoundFault') return undefined;
    throw error;
  }
};

const adopt = (
  found: DBClusterSnapshot,
  { cluster, run, snapshot }: { cluster: string; run: string; snapshot: string },
): RestorePoint => {
  const fail = (reason: string) => new RestorePointFailed({ cluster, snapshot, reason });
  const owner = found.TagList?.find(({ Key }) => Key === RUN_TAG)?.Value;
  if (owner !== run || found.DBClusterIdentifier !== cluster)
    throw fail(`was not taken by this run (${owner ?? 'no tag'})`);
  if (found.Status === 'available') return { snapshot, status: 'available', percent: 100 };
  if (found.Status === 'creating') return { snapshot, status: 'creating', percent: found.PercentProgress ?? 0 };
  throw fail(`is ${found.Status ?? 'in an unknown state'}`);
};
