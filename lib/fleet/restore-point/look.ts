import {
  type DBCluster,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  type Filter,
  type RDSClient,
} from '@aws-sdk/client-rds';

export type Rds = Pick<RDSClient, 'send'>;

/** A cluster as it stands; undefined where there is none of that name. */
export const clusterNamed = async (client: Rds, cluster: string): Promise<DBCluster | undefined> => {
  try {
    const { DBClusters } = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
    return DBClusters?.[0];
  } catch (error) {
    if (isNamed(error, 'DBClusterNotFoundFault')) return undefined;
    throw error;
  }
};

/** All clusters that a filter lets through. */
export const clustersBy = async (client: Rds, filter: Filter): Promise<DBCluster[]> => {
  const found: DBCluster[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(new DescribeDBClustersCommand({ Filters: [filter], Marker }));
    found.push(...(page.DBClusters ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
};

export const snapshotNamed = async (client: Rds, snapshot: string): Promise<DBClusterSnapshot | undefined> => {
  try {
    const { DBClusterSnapshots } = await client.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: snapshot }),
    );
    return DBClusterSnapshots?.[0];
  } catch (error) {
    if (isNamed(error, 'DBClusterSnapshotNotFoundFault')) return undefined;
    throw error;
  }
};

/** All manual snapshots: of one cluster, or in the account and region. */
export const manualSnapshots = async (client: Rds, cluster?: string): Promise<DBClusterSnapshot[]> => {
  const found: DBClusterSnapshot[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: cluster, SnapshotType: 'manual', Marker }),
    );
    found.push(...(page.DBClusterSnapshots ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
};

/** Errors of AWS are told apart by name. */
export const isNamed = (error: unknown, ...names: string[]): error is Error =>
  error instanceof Error && names.includes(error.name);
