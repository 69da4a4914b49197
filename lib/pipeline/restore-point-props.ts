import { Duration } from 'aws-cdk-lib';
import type { RestorePointRule } from '../fleet/restore-point.ts';

export type KeptProps = {
  /**
   * How long it is kept at least: those whose time is over are deleted when a new one of the same cluster is due, the
   * newest never.
   * @default 30 days for a snapshot, 7 days for a clone
   */
  keepFor?: Duration;
};

/** What each cluster can be taken back to: made before the first change, and waited for. */
export type RestorePoint = { kind: 'pointInTime' } | ({ kind: 'snapshot' | 'clone' } & KeptProps);

export const RestorePoint = {
  /** A manual snapshot of each cluster. A hundred fit into a region of an account, unless the quota is raised. */
  snapshot: (it: KeptProps = {}): RestorePoint => ({ kind: 'snapshot', ...it }),

  /** The moment before the first change, in the cluster's own continuous backups: costs nothing, for large fleets. */
  pointInTime: (): RestorePoint => ({ kind: 'pointInTime' }),

  /**
   * A copy-on-write clone of each cluster, without instances: the quickest to go back to. Each counts as a cluster, of
   * which forty fit into a region unless the quota is raised, and a cluster has fifteen at most.
   */
  clone: (it: KeptProps = {}): RestorePoint => ({ kind: 'clone', ...it }),
};

/** What is deployed of the props. */
export const ruleOf = (it: RestorePoint): RestorePointRule =>
  it.kind === 'pointInTime'
    ? { kind: it.kind }
    : { kind: it.kind, keepFor: (it.keepFor ?? Duration.days(it.kind === 'snapshot' ? 30 : 7)).toSeconds() };

export const restorePointProblems = (it: RestorePoint): string[] => {
  if (it.kind === 'pointInTime' || it.keepFor === undefined) return [];
  const days = it.keepFor.toDays({ integral: false });
  return days >= 1 && days <= 3650 ? [] : ['restorePoint: keepFor is between one day and ten years'];
};
