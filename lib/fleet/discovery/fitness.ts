import type { DBCluster } from '@aws-sdk/client-rds';

/** A cluster's instance, as far as it matters here. */
export type Instance = { DBInstanceClass?: string | undefined; DBInstanceStatus?: string | undefined };

/**
 * What keeps a cluster from being worked on, each with what to do about it. A cluster that is paused is none of that:
 * it resumes when it is called.
 */
export const unfitness = (name: string, cluster: DBCluster | undefined, instances: Map<string, Instance>): string[] => {
  if (cluster === undefined) {
    return ['there is no such cluster in this account and region. Take it out of the fleet, or restore it.'];
  }
  return [engine(cluster), status(name, cluster), dataApi(cluster), writer(name, cluster, instances)].filter(
    (it) => it !== null,
  );
};

const engine = ({ Engine = '', EngineVersion = '', EngineMode }: DBCluster): string | null => {
  if (Engine !== 'aurora-postgresql') {
    return `is of the engine ${Engine}, and Lockstep works on aurora-postgresql. Take it out of the fleet.`;
  }
  if (EngineMode === 'serverless') {
    return 'is Aurora Serverless v1, which AWS has ended. Upgrade it to Serverless v2 or to instances.';
  }
  const [major = 0, minor = 0] = EngineVersion.split('.').map((it) => Number.parseInt(it, 10));
  const least = LEAST[major];
  if (major > NEWEST || (least !== undefined && minor >= least)) return null;
  const needed =
    least === undefined
      ? Object.entries(LEAST)
          .map(([major, minor]) => `${major}.${minor}`)
          .join(', ')
      : `${major}.${least}`;
  return `runs PostgreSQL ${EngineVersion}, and the Data API needs ${needed} or newer. Upgrade it.`;
};

/**
 * The first minor version of each major one that has the Data API.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.Aurora_Fea_Regions_DB-eng.Feature.Data_API.html
 */
const LEAST: Record<number, number> = { 13: 11, 14: 8, 15: 3, 16: 1, 17: 4 };
const NEWEST = 17;

const status = (name: string, { Status = 'unknown' }: DBCluster): string | null => {
  if (isServing(Status)) return null;
  if (Status === 'stopped') return `is stopped. Start it: aws rds start-db-cluster --db-cluster-identifier ${name}`;
  return `is ${Status}. Wait until it is available.`;
};

const dataApi = ({ HttpEndpointEnabled, DBClusterArn }: DBCluster): string | null =>
  HttpEndpointEnabled
    ? null
    : `has its Data API switched off. Switch it on: aws rds enable-http-endpoint --resource-arn ${DBClusterArn}`;

/** Only the writer answers the Data API; the secondary clusters of a global database have none. */
const writer = (
  name: string,
  { DBClusterMembers = [] }: DBCluster,
  instances: Map<string, Instance>,
): string | null => {
  const identifier = DBClusterMembers.find((it) => it.IsClusterWriter)?.DBInstanceIdentifier;
  if (identifier === undefined) {
    return `has no writer instance. Add one (aws rds create-db-instance --db-cluster-identifier ${name} …), or promote it if it is the secondary cluster of a global database.`;
  }
  const { DBInstanceClass = '', DBInstanceStatus = 'available' } = instances.get(identifier) ?? {};
  if (/^db\.t\d/.test(DBInstanceClass)) {
    return `has the writer ${identifier} of the class ${DBInstanceClass}, and the Data API works on no T class. Change it to db.serverless or to an R class.`;
  }
  // A cluster that is stopped has stopped instances: that has been said.
  if (isServing(DBInstanceStatus) || DBInstanceStatus.startsWith('stop')) return null;
  return `has the writer ${identifier}, which is ${DBInstanceStatus}. Wait until it is available.`;
};

/** These pass by themselves, and SQL runs meanwhile; a snapshot that has to wait for their end is waited for. */
const isServing = (status: string): boolean =>
  status === 'available' ||
  status === 'backing-up' ||
  status === 'modifying' ||
  status === 'storage-optimization' ||
  status.startsWith('configuring-');
