import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';

export type Rds = Pick<RDSClient, 'send'>;

/** Every cluster of the account and region, by its identifier. */
export const describeClusters = async (rds: Rds): Promise<Map<string, DBCluster>> => {
  const found = new Map<string, DBCluster>();
  let marker: string | undefined;
  do {
    const { DBClusters = [], Marker } = await rds.send(
      new DescribeDBClustersCommand({ MaxRecords: 100, ...(marker ? { Marker: marker } : {}) }),
    );
    for (const it of DBClusters) if (it.DBClusterIdentifier) found.set(it.DBClusterIdentifier, it);
    marker = Marker;
  } while (marker);
  return found;
};

/** Every instance of the account and region, by its identifier. */
export const describeInstances = async (rds: Rds): Promise<Map<string, DBInstance>> => {
  const found = new Map<string, DBInstance>();
  let marker: string | undefined;
  do {
    const { DBInstances = [], Marker } = await rds.send(
      new DescribeDBInstancesCommand({ MaxRecords: 100, ...(marker ? { Marker: marker } : {}) }),
    );
    for (const it of DBInstances) if (it.DBInstanceIdentifier) found.set(it.DBInstanceIdentifier, it);
    marker = Marker;
  } while (marker);
  return found;
};
