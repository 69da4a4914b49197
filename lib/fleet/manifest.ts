import type { PlannedCluster } from './fleet.ts';
import type { InspectedCluster } from './inspected.ts';
import type { PlannedWave } from './rollout.ts';
import type { Cut } from './waves.ts';

/** A database as it was found, with the ids of what is to be done there. */
export type Found = InspectedCluster['databases'][number] & { pending: string[] };

export type FoundCluster = Omit<InspectedCluster, 'databases'> & { databases: Found[] };

/** A cluster in which something is pending, as far as waves and their manifests go. */
export type Part = Omit<PlannedCluster, 'databases'> & {
  labels: Record<string, string>;
  databases: (PlannedCluster['databases'][number] & { labels: Record<string, string>; bytes: number })[];
};

/** Nothing, or what is pending in a cluster. */
export const pendingPart = ({ cluster, clusterArn, secretArn, labels, databases }: FoundCluster): Part[] => {
  const pending = databases.filter(({ pending }) => pending.length > 0);
  const told = pending.map(({ database, applied, late, installed, blemishes, labels, bytes }) => ({
    ...{ database, applied, late, installed, blemishes },
    ...{ labels, bytes },
  }));
  return pending.length > 0 ? [{ cluster, clusterArn, secretArn, labels, databases: told }] : [];
};

/**
 * The cluster of the biggest database; null where none stands out, by half as much again as the one in the middle: databases of a new fleet differ by a page
 * or two, and who goes first should not hang on that.
 */
export const biggestOf = (clusters: Part[]): string | null => {
  const sizes = clusters
    .map(({ cluster, databases }) => ({ cluster, bytes: Math.max(0, ...databases.map(({ bytes }) => bytes)) }))
    .toSorted((a, b) => a.bytes - b.bytes || (a.cluster < b.cluster ? -1 : 1));
  const [middle, most] = [sizes[(sizes.length - 1) >> 1], sizes.at(-1)];
  return middle && most && most.bytes > middle.bytes * 1.5 ? most.cluster : null;
};

export const plannedWave = ({ name, clusters, window, ...cut }: Cut<Part>, at: number): PlannedWave => ({
  wave: at + 1,
  name,
  clusters: clusters.length,
  databases: clusters.reduce((sum, { databases }) => sum + databases.length, 0),
  ...{ concurrency: cut.concurrency, budget: cut.budget, bake: cut.bake },
  ...(window === undefined ? {} : { window }),
});

/** A manifest's items: so many databases of a cluster as a step can be given. */
export const inParts = ({ cluster, clusterArn, secretArn, databases }: Part): PlannedCluster[] => {
  const told = databases.map(({ labels: _, bytes: __, ...database }) => database);
  return Array.from({ length: Math.ceil(told.length / DATABASES_PER_ITEM) }, (_, part) => ({
    ...{ cluster, clusterArn, secretArn },
    databases: told.slice(part * DATABASES_PER_ITEM, (part + 1) * DATABASES_PER_ITEM),
  }));
};

/**
 * An item is worked on by one execution, which has room for 25,000 events: some 20 for a database, and 9 for each look at
 * one whose statement outlives its call. With as many as these, each of them may have one that takes half an hour.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const DATABASES_PER_ITEM = 50;

/** A state of the workflow is given a cluster whole, beside other things, and takes 256 KiB. */
export const tooLarge = (cluster: PlannedCluster): string[] => {
  const kibibytes = Math.ceil(Buffer.byteLength(JSON.stringify(cluster)) / 1024);
  return kibibytes <= 224
    ? []
    : [
        `${cluster.cluster}: what a run has to know of its ${cluster.databases.length} databases takes ${kibibytes} KiB, and a step can be given 224. Validate or drop what is invalid or not validated there, or apply migrations that are late.`,
      ];
};
