import { nameOfWindow, type Windows, windowOf } from '../policy/windows/windows.ts';
import type { Candidate } from './waves.ts';

/** What of a wave goes by one window; without a name where that is all there is to it. */
export type PartOfWave<Cluster> = { clusters: Cluster[]; window: number | null; called: string | null };

/**
 * Parts a wave by the windows of its databases: those of the environment's own window first, then tenants' in the order
 * in which they are declared. A cluster with databases of several windows is worked on in each of them.
 */
export const byWindow =
  ({ tenants }: Pick<Windows, 'tenants'>) =>
  <Cluster extends Candidate>(clusters: Cluster[]): PartOfWave<Cluster>[] =>
    [null, ...tenants.keys()].flatMap((window) => {
      const own = clusters.flatMap((it) => {
        const databases = it.databases.filter(
          ({ labels }) => windowOf({ tenants }, { ...it.labels, ...labels }) === window,
        );
        return databases.length > 0 ? [{ ...it, databases }] : [];
      });
      const called = window === null ? null : nameOfWindow(tenants[window]!);
      return own.length > 0 ? [{ clusters: own, window, called }] : [];
    });
