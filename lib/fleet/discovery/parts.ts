import type { Cluster } from '../fleet.ts';
import type { InspectedCluster } from '../inspected.ts';

/**
 * Cuts a cluster into items that a step of the workflow can be given, and whose answer it can take: a state holds
 * 256 KiB, and an inspection says some hundred bytes of each database.
 */
export const parts = (cluster: Cluster): Cluster[] => {
  const { databases, databaseLabels, ...all } = cluster;
  if (databases.length <= DATABASES) return [cluster];
  const sorted = databases.toSorted();
  return Array.from({ length: Math.ceil(sorted.length / DATABASES) }, (_, part) => {
    const own = sorted.slice(part * DATABASES, (part + 1) * DATABASES);
    const mine = new Set(own);
    const labelled = Object.entries(databaseLabels).filter(([name]) => mine.has(name));
    return { ...all, databases: own, databaseLabels: Object.fromEntries(labelled) };
  });
};

const DATABASES = 200;

/** Brings the inspected parts of clusters together again, in whatever order they come. */
export const merged = (inspected: InspectedCluster[]): InspectedCluster[] => {
  const clusters = new Map<string, InspectedCluster>();
  for (const part of inspected) {
    const known = clusters.get(part.cluster);
    clusters.set(part.cluster, known ? joined(known, part) : part);
  }
  return [...clusters.values()];
};

const joined = (a: InspectedCluster, b: InspectedCluster): InspectedCluster => ({
  ...a,
  databases: [...a.databases, ...b.databases].toSorted((one, other) => (one.database < other.database ? -1 : 1)),
  problems: [...new Set([...a.problems, ...b.problems])],
});
