import type { RestorePoint } from '../../ledger/restore-points.ts';
import { clusterNamed, clustersBy, type Rds, snapshotNamed } from './look.ts';

/** Why one can't go back to a restore point that was there once; null where one can. */
export const missing = async (client: Rds, point: RestorePoint): Promise<string | null> => {
  switch (point.kind) {
    case 'snapshot':
      return standing('snapshot', (await snapshotNamed(client, point.snapshot))?.Status);
    case 'clone':
      return standing('clone', (await clusterNamed(client, point.clone))?.Status);
    case 'pointInTime': {
      // By RDS's own id: the cluster may have another name by now.
      const [source] = await clustersBy(client, { Name: 'db-cluster-resource-id', Values: [point.resourceId] });
      const earliest = source?.EarliestRestorableTime;
      if (!source) return 'the cluster is gone, and its continuous backups with it';
      return earliest !== undefined && earliest <= new Date(point.at)
        ? null
        : `the continuous backups begin at ${earliest?.toISOString() ?? 'no moment'} by now`;
    }
  }
};

const standing = (what: string, status: string | undefined): string | null => {
  if (status === undefined) return `the ${what} was deleted`;
  return status === 'available' ? null : `the ${what} is ${status}`;
};
