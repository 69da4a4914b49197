import { DescribeAccountAttributesCommand } from '@aws-sdk/client-rds';
import { failure } from '../failure.ts';
import { cloneStanding } from './restore-point/clone.ts';
import { clusterNamed, clustersBy, manualSnapshots, type Rds } from './restore-point/look.ts';
import { type Owner, outlived } from './restore-point/own.ts';
import { snapshotStanding } from './restore-point/snapshot.ts';
import type { RestorePointKind } from './restore-point-kind.ts';

/** The account has not enough left for the restore points that a run would take; nothing was touched. */
export const QuotaShort = failure(
  'QuotaShort',
  (it: { kind: Counted; needed: number; left: number; used: number; most: number }) => {
    const { noun, quota } = words[it.kind];
    return [
      `${it.needed} ${noun} are needed, one for each cluster in which something is pending, and ${it.left} are left (${it.used} of ${it.most} are used in this account and region); nothing was touched.`,
      `What fits: restorePoint: RestorePoint.pointInTime(), which needs none; or the quota "${quota}" of Amazon RDS raised to ${it.used + it.needed}; or deleting ${it.needed - it.left} that nobody needs; or ${it.left === 0 ? 'no cluster at all' : `a fleet of ${it.left} of these clusters`} at a time.`,
    ].join(' ');
  },
);

type Counted = Exclude<RestorePointKind, 'pointInTime'>;

/**
 * Makes sure, before anything is touched, that the account's quota has room for the restore points of so many clusters.
 * A cluster whose outlived restore points are cleared away before its new one is taken needs no room.
 *
 * @throws QuotaShort
 */
export const checkQuota = async (
  client: Rds,
  { kind, clusters, ...owner }: Owner & { kind: RestorePointKind; clusters: string[]; now: Date },
): Promise<void> => {
  if (kind === 'pointInTime' || clusters.length === 0) return;
  const { used, most } = await quotaOf(client, words[kind].attribute);
  const left = Math.max(0, most - used);
  if (clusters.length <= left) return;
  const making = await makingRoom(client, kind, { clusters, ...owner });
  const needed = clusters.filter((it) => !making.has(it)).length;
  if (needed > left) throw new QuotaShort({ kind, needed, left, used, most });
};

const words: Record<Counted, { noun: string; quota: string; attribute: string }> = {
  snapshot: { noun: 'snapshots', quota: 'Manual DB cluster snapshots', attribute: 'ManualClusterSnapshots' },
  clone: { noun: 'clones', quota: 'DB clusters', attribute: 'DBClusters' },
};

const quotaOf = async (client: Rds, attribute: string): Promise<{ used: number; most: number }> => {
  const { AccountQuotas = [] } = await client.send(new DescribeAccountAttributesCommand({}));
  const found = AccountQuotas.find(({ AccountQuotaName }) => AccountQuotaName === attribute);
  // A quota that RDS does not name is none that could be short.
  return { used: found?.Used ?? 0, most: found?.Max ?? Number.POSITIVE_INFINITY };
};

/** Clusters of which at least one restore point goes before a new one comes. Looked for only where room is short. */
const makingRoom = async (
  client: Rds,
  kind: Counted,
  { clusters, ...owner }: Owner & { clusters: string[]; now: Date },
): Promise<Set<string>> => {
  const making = new Set<string>();
  if (kind === 'snapshot') {
    const all = Map.groupBy(await manualSnapshots(client), ({ DBClusterIdentifier }) => DBClusterIdentifier);
    for (const cluster of clusters) {
      const standing = (all.get(cluster) ?? []).map(snapshotStanding);
      if (outlived(standing, { ...owner, cluster }).length > 0) making.add(cluster);
    }
    return making;
  }
  for (const cluster of clusters) {
    const group = (await clusterNamed(client, cluster))?.CloneGroupId;
    const clones = group === undefined ? [] : await clustersBy(client, { Name: 'clone-group-id', Values: [group] });
    if (outlived(clones.map(cloneStanding), { ...owner, cluster }).length > 0) making.add(cluster);
  }
  return making;
};
