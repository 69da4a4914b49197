import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import { type Context, instancesOf, isPast } from './context.ts';
import { tellRestorableTime } from './history.ts';
import { filtered, page } from './paging.ts';
import { describedSettings } from './settings.ts';
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
      engine: (record) => [engine(record)],
      'clone-group-id': ({ cloneGroup }) => (cloneGroup ? [cloneGroup] : []),
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

/** `stopped` is also what a cluster out of a kept folder is until something stands its server up again. */
export const status = (context: Context, record: ClusterRecord) => {
  if (record.goneAt) return 'deleting';
  if (record.renaming) return 'renaming';
  if (!isPast(context, record.availableAt)) return 'creating';
  const isUp = context.servers.has(record.resourceId) || instancesOf(context, record).length === 0;
  return record.stopped || !isUp ? 'stopped' : 'available';
};

/** @throws InvalidDBClusterStateFault */
export const checkAvailable = (context: Context, record: ClusterRecord, purpose: string) => {
  const now = status(context, record);
  if (now === 'available') return;
  throw new AwsError(
    'InvalidDBClusterStateFault',
    `Cluster ${record.identifier} is ${now}; ${purpose} needs it available.`,
  );
};

export const engine = ({ poses }: Pick<ClusterRecord, 'poses'>) => poses.engine ?? 'aurora-postgresql';
export const engineVersion = (it: Pick<ClusterRecord, 'poses' | 'engineVersion'>) =>
  it.poses.engineVersion ?? it.engineVersion;

export const described = (context: Context, record: ClusterRecord): { [name: string]: Xml } => ({
  DBClusterIdentifier: record.identifier,
  DBClusterArn: record.arn,
  DbClusterResourceId: record.resourceId,
  Status: status(context, record),
  Engine: engine(record),
  EngineVersion: engineVersion(record),
  EngineMode: 'provisioned',
  DatabaseName: record.databases[0],
  MasterUsername: record.masterUsername,
  MasterUserSecret: record.managesSecret ? { SecretArn: record.secretArn, SecretStatus: 'active' } : undefined,
  // Names under localhost lead nowhere on many systems; the port tells the clusters apart.
  Endpoint: '127.0.0.1',
  Port: context.servers.get(record.resourceId)?.port ?? 5432,
  MultiAZ: false,
  AvailabilityZones: { AvailabilityZone: [`${context.place.region}a`] },
  ClusterCreateTime: record.createdAt,
  EarliestRestorableTime: record.restorableSince ?? record.createdAt,
  LatestRestorableTime: tellRestorableTime(context, record),
  AllocatedStorage: 1,
  HttpEndpointEnabled: record.httpEndpointEnabled,
  CloneGroupId: record.cloneGroup,
  ...describedSettings(record.settings),
  PendingModifiedValues: record.renaming && { DBClusterIdentifier: record.renaming.identifier },
  DBClusterMembers: {
    DBClusterMember: instancesOf(context, record).map(({ identifier, promotionTier }, at) => ({
      DBInstanceIdentifier: identifier,
      IsClusterWriter: at === 0,
      DBClusterParameterGroupStatus: 'in-sync',
      PromotionTier: promotionTier,
    })),
  },
  TagList: { Tag: record.tags },
});
