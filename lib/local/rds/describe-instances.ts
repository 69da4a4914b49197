import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import { type Context, isPast } from './context.ts';
import { engine, engineVersion } from './describe-clusters.ts';
import { filtered, page } from './paging.ts';
import { describedSettings } from './settings.ts';
import type { InstanceRecord } from './state.ts';

export const describeInstances =
  (context: Context): QueryOperation =>
  async (input) => {
    const wanted = input.get('DBInstanceIdentifier');
    const named = wanted ? [instance(context, wanted)] : context.state.instances;
    const matching = filtered(input, named, {
      'db-cluster-id': (it) => [clusterOf(context, it).identifier, clusterOf(context, it).arn],
      'db-instance-id': ({ identifier, arn }) => [identifier, arn],
      'dbi-resource-id': ({ resourceId }) => [resourceId],
      engine: (it) => [engine(clusterOf(context, it))],
      domain: () => [],
    });
    const { shown, Marker } = page(input, matching, ({ identifier }) => identifier);
    return { Marker, DBInstances: { DBInstance: shown.map((record) => describedInstance(context, record)) } };
  };

/** The instance of this identifier (letter case is no matter) or ARN. @throws DBInstanceNotFound */
export const instance = ({ state }: Context, wanted: string): InstanceRecord => {
  const found = state.instances.find(({ arn, identifier }) => arn === wanted || identifier === wanted.toLowerCase());
  if (found) return found;
  throw new AwsError('DBInstanceNotFound', `DBInstance ${wanted} not found.`, 404);
};

const clusterOf = ({ state }: Context, { cluster }: InstanceRecord) =>
  state.clusters.find(({ resourceId }) => resourceId === cluster)!;

export const instanceStatus = (context: Context, record: InstanceRecord) => {
  if (record.goneAt) return 'deleting';
  if (!isPast(context, record.availableAt)) return 'creating';
  const of = clusterOf(context, record);
  return of.stopped || !context.servers.has(of.resourceId) ? 'stopped' : 'available';
};

export const describedInstance = (context: Context, record: InstanceRecord): { [name: string]: Xml } => {
  const of = clusterOf(context, record);
  const { DBSubnetGroup, DBClusterParameterGroup, ServerlessV2ScalingConfiguration, ...shared } = describedSettings(
    of.settings,
  );
  const status = instanceStatus(context, record);
  return {
    ...shared,
    DBInstanceIdentifier: record.identifier,
    DBInstanceArn: record.arn,
    DbiResourceId: record.resourceId,
    DBClusterIdentifier: of.identifier,
    DBInstanceStatus: status,
    DBInstanceClass: record.class,
    Engine: engine(of),
    EngineVersion: engineVersion(of),
    MasterUsername: of.masterUsername,
    DBName: of.databases[0],
    Endpoint:
      status === 'creating' ? undefined : { Address: '127.0.0.1', Port: context.servers.get(of.resourceId)?.port },
    AvailabilityZone: `${context.place.region}a`,
    InstanceCreateTime: record.createdAt,
    DBParameterGroups: {
      DBParameterGroup: [{ DBParameterGroupName: record.parameterGroup, ParameterApplyStatus: 'in-sync' }],
    },
    DBSubnetGroup: { DBSubnetGroupName: of.settings.subnetGroup, SubnetGroupStatus: 'Complete' },
    PromotionTier: record.promotionTier,
    MultiAZ: false,
    PubliclyAccessible: false,
    AutoMinorVersionUpgrade: true,
    AllocatedStorage: 1,
    TagList: { Tag: record.tags },
  };
};
