import type { InspectedCluster } from '../inspected.ts';

/** Sorts out the clusters that nothing can be done with: they make a plan impossible, or are left out of it. */
export const sortOut = (
  clusters: InspectedCluster[],
  unfit: 'refuse' | 'skip',
): { fit: InspectedCluster[]; unfit: { cluster: string; problems: string[] }[]; problems: string[] } => {
  const fit = clusters.filter(({ problems }) => problems.length === 0);
  const rest = clusters
    .filter(({ problems }) => problems.length > 0)
    .map(({ cluster, problems }) => ({ cluster, problems }))
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const named = rest.flatMap(({ cluster, problems }) => problems.map((it) => `${cluster}: ${it}`));
  if (unfit === 'refuse') return { fit, unfit: [], problems: named };
  // Leaving out all of them would look like a run that has done what it should.
  return { fit, unfit: rest, problems: fit.length === 0 ? named : [] };
};
