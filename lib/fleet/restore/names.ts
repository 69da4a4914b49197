import { createHash } from 'node:crypto';

/** What a cluster that is made out of a restore point is called until it is swapped in: one per cluster and run. */
export const restoredName = (cluster: string, execution: string): string =>
  `lockstep-restored-${cut(cluster, 32)}-${hash(`restore ${cluster} ${execution}`)}`;

/** What the cluster that was replaced is called from then on; one that is replaced again gets another name. */
export const keptName = (cluster: string, resourceId: string, execution: string): string =>
  `${cut(cluster, 43)}-before-${hash(`${resourceId} ${execution}`)}`;

/** The instances of a restored cluster. They keep these names: renaming one restarts it. */
export const instanceName = (cluster: string, execution: string, number: number): string =>
  `lockstep-${cut(cluster, 36)}-${hash(`instance ${cluster} ${execution}`)}-${number}`;

/** Whether it is what a restore has put beside a cluster of the fleet: the new one not swapped in yet, or the old one kept. */
export const isBeside = (cluster: string, takesPlaceOf: string | undefined): boolean =>
  (takesPlaceOf !== undefined && takesPlaceOf !== cluster) || /-before-[0-9a-f]{12}$/.test(cluster);

/** RDS takes 63 characters, and neither two hyphens in a row nor one at the end. */
const cut = (name: string, most: number): string => name.slice(0, most).replace(/-+$/, '');

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
