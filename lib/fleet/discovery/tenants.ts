import type { Cluster } from '../fleet.ts';

/** A label `tenant` says whose a database is: one that is in two clusters was moved, and one of them is forgotten. */
export const tenantsTwice = (clusters: Pick<Cluster, 'cluster' | 'labels' | 'databaseLabels'>[]): string[] => {
  const homes = new Map<string, Set<string>>();
  const lives = (tenant: string | undefined, cluster: string) => {
    if (tenant !== undefined) homes.set(tenant, (homes.get(tenant) ?? new Set()).add(cluster));
  };
  for (const { cluster, labels, databaseLabels } of clusters) {
    lives(labels.tenant, cluster);
    for (const own of Object.values(databaseLabels)) lives(own.tenant, cluster);
  }
  return [...homes]
    .filter(([, clusters]) => clusters.size > 1)
    .map(
      ([tenant, clusters]) =>
        `The tenant ${tenant} is in several clusters: ${[...clusters].sort().join(', ')}. Take it out of all but one.`,
    );
};
