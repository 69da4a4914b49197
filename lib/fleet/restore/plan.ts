import * as z from 'zod';
import { failure } from '../../failure.ts';
import { RestorePoint } from '../../ledger/restore-points.ts';
import { canonical, sha256 } from '../../migrations/digest.ts';
import { ClusterIdentifier, DatabaseName } from '../fleet.ts';
import { keptName, restoredName } from './names.ts';
import { Shape } from './shape.ts';

/** A run can't be restored; nothing was touched. */
export const RestoreRefused = failure(
  'RestoreRefused',
  (it: { run: string; problems: string[] }) =>
    `Run ${it.run} can't be restored; nothing was touched.\n${[...it.problems.slice(0, 50), ...(it.problems.length > 50 ? [`… and ${it.problems.length - 50} more`] : [])].join('\n')}`,
);

/** What is to be gone back on: the run, which clusters of it, and whether they take their old ones' places. */
export const RestoreOrder = z.strictObject({
  run: z.string(),
  /** Its execution, by which restore points and what is made of them are told apart. */
  execution: z.string(),
  /** Null for all that have a restore point. */
  clusters: z.array(ClusterIdentifier).nullable(),
  swap: z.boolean(),
});

export type RestoreOrder = z.infer<typeof RestoreOrder>;

/** One cluster of a restore, with everything that the steps have to know. */
export const RestoreItem = z.strictObject({
  cluster: ClusterIdentifier,
  secretArn: z.string(),
  point: RestorePoint,
  /** What the new cluster is called until it is swapped in, and the old one afterwards. */
  restored: z.string(),
  kept: z.string(),
  /** RDS's own id of the cluster that stands there now: names change places. */
  replaces: z.string(),
  /** Whether an earlier restore of the same run made the new cluster already; it is taken as it is. */
  stands: z.boolean(),
  shape: Shape,
  /** What the schemas were before the run. */
  databases: z.array(z.strictObject({ database: DatabaseName, fingerprint: z.string() })),
});

export type RestoreItem = z.infer<typeof RestoreItem>;

/** What a restore is going to do: what people approve. */
export const RestorePlan = z.object({
  restores: z.string(),
  service: z.string(),
  environment: z.string(),
  /** Bundle of the run. */
  digest: z.string(),
  swap: z.boolean(),
  policy: z.string(),
  version: z.string(),
  clusters: z.array(RestoreItem),
});

export type RestorePlan = z.infer<typeof RestorePlan>;

/** What was found of one cluster; `problems` speak against restoring it. */
export type Found = {
  cluster: string;
  point: RestorePoint;
  /** What the new cluster is called, or will be. */
  restored: string;
  secretArn: string | undefined;
  shape: Shape | null;
  replaces: string | null;
  stands: boolean;
  problems: string[];
};

/** Makes the plan out of what was found, or says everything that speaks against it. @throws RestoreRefused */
export const makeRestorePlan = (
  order: RestoreOrder,
  before: { cluster: string; database: string; fingerprint: string }[],
  found: Found[],
  named: Omit<RestorePlan, 'restores' | 'swap' | 'clusters'>,
): { plan: RestorePlan; planDigest: string } => {
  const known = new Set(found.map(({ cluster }) => cluster));
  const databases = Map.groupBy(before, ({ cluster }) => cluster);
  const problems = [
    ...(order.clusters ?? []).filter((it) => !known.has(it)).map((it) => `${it}: the run has no restore point of it.`),
    ...(found.length === 0 && order.clusters === null ? ['It has no restore points: it changed nothing.'] : []),
    ...found.flatMap((it) => it.problems.map((problem) => `${it.cluster}: ${problem}`)),
    ...found.filter((it) => it.secretArn === undefined).map((it) => `${it.cluster}: its secret is not known.`),
    ...found.filter((it) => !databases.has(it.cluster)).map((it) => `${it.cluster}: the run's plan does not name it.`),
  ];
  if (problems.length > 0) throw new RestoreRefused({ run: order.run, problems });
  const clusters = found
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1))
    .map(({ cluster, point, restored, secretArn = '', shape, replaces, stands }): RestoreItem => {
      if (shape === null || replaces === null) throw new Error(`nothing is known of ${cluster}, and no problem told`);
      return {
        ...{ cluster, point, restored, secretArn, stands, shape, replaces },
        kept: keptName(cluster, replaces, order.execution),
        databases: databases.get(cluster)!.map(({ database, fingerprint }) => ({ database, fingerprint })),
      };
    });
  const plan: RestorePlan = { ...named, restores: order.run, swap: order.swap, clusters };
  return { plan, planDigest: sha256(canonical(plan)) };
};

/**
 * A clone is given instances and becomes the new cluster itself: Aurora clones only what has an instance, and a clone
 * of a clone would be one more thing to pay for and to forget.
 */
export const nameOf = (point: RestorePoint, execution: string): string =>
  point.kind === 'clone' ? point.clone : restoredName(point.cluster, execution);
