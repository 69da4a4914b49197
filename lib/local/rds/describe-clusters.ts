import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import type { Context } from './clusters.ts';
import { filtered, page } from './paging.ts';
import type { ClusterRecord } from './state.ts';

export const describeClusters =
  (context: Context): QueryOperation =>
  async (input) => {
    const wanted = input.get('DBClusterIdentifier');
    const { clusters } = context.state;
    const named = wanted ? [cluster(context, wanted)] : clusters;
    const matching = filtered(input, named, {
      'db-cluster-id': ({ identifier, arn }) => [identifier, arn],
      'db-cluster-resource-id': ({ resourceId }) => [resourceId],
      engine: () => ['aurora-postgresql'],
      'clone-group-id': () => [],
      domain: () => [],
    });
    const { shown, Marker } = page(input, matching, ({ identifier }) => identifier);
    return { Marker, DBClusters: { DBCluster: shown.map((record) => described(context, record)) } };
  };

/** The cluster of this identifier (letter case is no matter) or ARN. @throws DBClusterNotFoundFault */
export const cluster = ({ state }: Context, arnOrIdentifier: string): ClusterRecord => {
  const found = state.clusters.find(
    ({ arn, identifier }) => arn === arnOrIdentifier || identifier === arnOrIdentifier.toLowerCase(),
  );
  if (found) return found;
  throw new AwsError('DBClusterNotFoundFault', `DBCluster ${arnOrIdentifier} not found.`, 404);
};

/** `stopped` is what a cluster out of a kept folder is until something stands its server up again. */
export const status = ({ servers }: Context, { identifier }: ClusterRecord) =>
  servers.has(identifier) ? 'available' : 'stopped';

const described = (context: Context, record: ClusterRecord): Xml => ({
  DBClusterIdentifier: record.identifier,
  DBClusterArn: record.arn,
  DbClusterResourceId: record.resourceId,
  Status: status(context, record),
  Engine: 'aurora-postgresql',
  EngineVersion: record.engineVersion,
  EngineMode: 'provisioned',
  DatabaseName: record.databases[0],
  MasterUsername: record.masterUsername,
  Endpoint: '127.0.0.1',
  Port: context.servers.get(record.identifier)?.port,
  MultiAZ: false,
  AvailabilityZones: { AvailabilityZone: [`${context.place.region}a`] },
  ClusterCreateTime: record.createdAt,
  EarliestRestorableTime: record.createdAt,
  LatestRestorableTime: context.clock.now().toISOString(),
  BackupRetentionPeriod: 1,
  AllocatedStorage: 1,
  StorageEncrypted: false,
  DeletionProtection: false,
  CopyTagsToSnapshot: false,
  IAMDatabaseAuthenticationEnabled: false,
  HttpEndpointEnabled: record.httpEndpointEnabled,
  ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 1 },
  DBClusterMembers: {
    DBClusterMember: [
      {
        DBInstanceIdentifier: `${record.identifier}-writer`,
        IsClusterWriter: true,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: 1,
      },
    ],
  },
  TagList: { Tag: record.tags },
});
