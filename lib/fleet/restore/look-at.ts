import type { DBCluster } from '@aws-sdk/client-rds';
import type { RestorePoint } from '../../ledger/restore-points.ts';
import { clusterNamed, clustersBy, type Rds } from '../restore-point/look.ts';
import { missing } from '../restore-point/missing.ts';
import { instancesOf, restoreOf } from './make.ts';
import { type Found, nameOf } from './plan.ts';
import { shapeOf } from './shape.ts';

type Known = {
  secrets: Map<string, string>;
  execution: string;
  /** Whether it was a restore that protected the cluster of this id from deletion. */
  isOurProtection: (resourceId: string) => Promise<boolean>;
};

/** Looks at each cluster that is to be restored, and at what there is to restore it from. Changes nothing. */
export const lookAt = async (client: Rds, points: RestorePoint[], it: Known): Promise<Found[]> => {
  const found: Found[] = [];
  const queue = [...points];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) found.push(await look(client, next, it));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return found;
};

const AT_A_TIME = 8;

const look = async (
  client: Rds,
  point: RestorePoint,
  { secrets, execution, isOurProtection }: Known,
): Promise<Found> => {
  const { cluster } = point;
  const standing = await clusterNamed(client, cluster);
  // Where an earlier restore has swapped the new one in already, what is left of it is done.
  const isSwapped = standing !== undefined && restoreOf(standing) === execution;
  const restored = isSwapped ? cluster : nameOf(point, execution);
  const made = isSwapped ? standing : await clusterNamed(client, restored);
  const stands = made !== undefined && restoreOf(made) === execution;
  const replaced = (isSwapped ? undefined : standing) ?? (await byId(client, point.resourceId));
  const model = replaced ?? (isSwapped ? standing : undefined);
  const reason = stands ? null : await missing(client, point);
  const base = { cluster, point, restored, stands, secretArn: secrets.get(cluster) };
  if (!model) {
    const gone = `it is gone, and with it what a new one would have to be like. Restore ${nameOf(point, execution)} by hand.`;
    return { ...base, shape: null, replaces: null, problems: [gone] };
  }
  // What bears the name already is left as protected as it is; else, as the owners of the old one had it.
  const deletionProtection = isSwapped
    ? (standing.DeletionProtection ?? false)
    : (model.DeletionProtection ?? false) && !(await isOurProtection(model.DbClusterResourceId ?? ''));
  const alike = shapeOf(model, await instancesOf(client, model.DBClusterIdentifier ?? ''));
  return {
    ...base,
    shape: { ...alike, deletionProtection },
    replaces: replaced?.DbClusterResourceId ?? point.resourceId,
    problems: [
      ...(reason === null ? [] : [`its restore point can't be gone back to: ${reason}.`]),
      ...(alike.instances.length === 0 ? ['it has no instances, whose likes the new one could be given.'] : []),
    ],
  };
};

const byId = async (client: Rds, resourceId: string): Promise<DBCluster | undefined> =>
  (await clustersBy(client, { Name: 'db-cluster-resource-id', Values: [resourceId] }))[0];
