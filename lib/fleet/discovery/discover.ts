import type { DBCluster } from '@aws-sdk/client-rds';
import type { Cluster } from '../fleet.ts';
import { type Assembled, assemble, type Claim } from './assemble.ts';
import { byTags } from './by-tags.ts';
import { describeClusters, describeInstances, type Rds } from './describe.ts';
import { unfitness } from './fitness.ts';
import { fromList } from './from-list.ts';
import { type DataApi, fromQuery } from './from-query.ts';
import { fromTable, type Registry } from './from-table.ts';
import { listDatabases } from './list-databases.ts';
import type { FleetSource } from './source.ts';
import { outside, type Where } from './within.ts';

export type Services = {
  rds: Rds;
  data: DataApi;
  /** The registry, where the source is one. */
  registry?: Registry | undefined;
  place: Where;
  /** Milliseconds that the caller still has. */
  remaining?: () => number;
};

export type Discovered = {
  /** In the order of names, or as they were declared. */
  clusters: Cluster[];
  /** What is wrong with the source itself: a fleet of which that is true is not worked on. */
  problems: string[];
};

/**
 * Finds the clusters of a fleet and their databases. Checked, it also tells of each what keeps it from being worked on;
 * unchecked, it asks AWS for no more than it takes to know names and secrets.
 * @throws FleetUnreadable
 */
export const discover = async (
  source: FleetSource,
  services: Services,
  { checked }: { checked: boolean },
): Promise<Discovered> => {
  const described = once(() => describeClusters(services.rds));
  const { clusters, problems } = await claimed(source, services, described);
  const asked = checked || clusters.some(({ secret }) => secret === null);
  const descriptions = asked ? await described() : new Map<string, DBCluster>();
  const instances = checked && clusters.length > 0 ? await describeInstances(services.rds) : new Map();
  const within = Array.isArray(source) || !checked ? null : source.within;

  const located = clusters.map((it) => {
    const secret = it.secret ?? descriptions.get(it.cluster)?.MasterUserSecret?.SecretArn ?? null;
    const problems = [
      ...(checked ? unfitness(it.cluster, descriptions.get(it.cluster), instances) : []),
      ...(secret === null && (!checked || descriptions.has(it.cluster)) ? [NO_SECRET] : []),
      ...(secret === null || within === null ? [] : outside(within, { cluster: it.cluster, secret }, services.place)),
    ];
    return { ...it, ...arns(it.cluster, secret, services.place), problems };
  });
  const listed = await listDatabases(located, services);
  const nothing = clusters.length === 0 && problems.length === 0 ? [`The fleet has no cluster: ${none(source)}`] : [];
  return { clusters: listed.clusters, problems: [...problems, ...listed.problems, ...nothing] };
};

const claimed = async (
  source: FleetSource,
  services: Services,
  described: () => Promise<Map<string, DBCluster>>,
): Promise<Assembled> =>
  Array.isArray(source)
    ? { clusters: fromList(source), problems: [] }
    : assemble(await claimsOf(source, services, described));

const claimsOf = async (
  source: Exclude<FleetSource, unknown[]>,
  { data, registry, place, remaining }: Services,
  described: () => Promise<Map<string, DBCluster>>,
): Promise<Claim[]> => {
  if (source.source === 'tags') return byTags(source, (await described()).values());
  if (source.source === 'query') return fromQuery(source, data, place, remaining);
  if (!registry) throw new Error('the registry of the fleet has no name');
  return fromTable(registry);
};

const arns = (cluster: string, secret: string | null, { partition, region, account }: Where) => ({
  clusterArn: `arn:${partition}:rds:${region}:${account}:cluster:${cluster}`,
  secretArn: secret ?? '',
});

const NO_SECRET =
  'has no secret to log in with. Name one where the fleet is declared (a tag lockstep:secret, or secret in its item or row), or let RDS manage its master password.';

const none = (source: FleetSource): string => {
  if (Array.isArray(source)) return 'none is declared.';
  if (source.source === 'table') return 'its table holds no item.';
  if (source.source === 'query') return 'its query answers no row.';
  const tags = Object.entries(source.tags).map(([key, value]) => `${key}=${value}`);
  return `none in this account and region carries ${tags.join(' and ')}.`;
};

const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
