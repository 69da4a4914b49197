import * as z from 'zod';
import { failure } from '../failure.ts';
import type { Bundle, Migration } from '../migrations/bundle.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import { type Risk, riskOf } from '../policy/risk.ts';
import { ClusterIdentifier, DatabaseName, type PlannedCluster } from './fleet.ts';
import type { InspectedCluster } from './inspected.ts';
import { waves } from './waves.ts';

/** A database's history does not fit the bundle; nothing was touched. */
export const PlanRefused = failure(
  'PlanRefused',
  (it: { problems: string[] }) => `The plan can't be made; nothing was touched.\n${few(it.problems, 50).join('\n')}`,
);

/** What a run is going to do: what people approve, and what the waves carry out. */
export const Plan = z.object({
  service: z.string(),
  environment: z.string(),
  digest: z.string(),
  restorePoint: z.literal('snapshot'),
  /** Migrations that at least one database lacks, in order. */
  migrations: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      mode: z.enum(['transactional', 'stepwise']),
      risk: z.enum(['low', 'medium', 'high']),
      reason: z.string(),
      /** Databases that lack it. */
      databases: z.number(),
    }),
  ),
  databases: z.array(
    z.object({
      cluster: ClusterIdentifier,
      database: DatabaseName,
      /** 1-based; null where nothing is pending. */
      wave: z.number().nullable(),
      applied: z.number(),
      pending: z.array(z.string()),
      fingerprint: z.string(),
    }),
  ),
});

export type Plan = z.infer<typeof Plan>;

export type Planned = { plan: Plan; planDigest: string; waves: PlannedCluster[][] };

/** Makes the plan out of what was found in the fleet, or says everything that speaks against it. */
export const makePlan = (
  bundle: Bundle,
  fleet: InspectedCluster[],
  options: { service: string; environment: string; digest: string; waveSize: number },
): Planned => {
  const { waveSize, ...named } = options;
  // A distributed map answers in any order; a plan's digest must not depend on it.
  const sorted = fleet.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const problems = sorted.flatMap((it) =>
    it.databases.flatMap((database) =>
      database.problems.map((problem) => `${it.cluster}/${database.database}: ${problem}`),
    ),
  );
  if (problems.length > 0) throw new PlanRefused({ problems });

  const rollout = waves(
    sorted.flatMap((cluster) => pendingPart(cluster, bundle)),
    waveSize,
  );
  const waveOf = new Map(rollout.flatMap((wave, index) => wave.map(({ cluster }) => [cluster, index + 1] as const)));
  const databases = sorted.flatMap(({ cluster, databases }) =>
    databases.map(({ database, applied, fingerprint }) => {
      const pending = bundle.migrations.slice(applied).map(({ id }) => id);
      return {
        cluster,
        database,
        wave: pending.length > 0 ? (waveOf.get(cluster) ?? null) : null,
        applied,
        pending,
        fingerprint,
      };
    }),
  );
  const least = Math.min(bundle.migrations.length, ...databases.map(({ applied }) => applied));
  const plan: Plan = {
    ...named,
    restorePoint: 'snapshot',
    migrations: bundle.migrations.slice(least).map((migration, index) => ({
      ...described(migration),
      databases: databases.filter(({ applied }) => applied <= least + index).length,
    })),
    databases,
  };
  return { plan, planDigest: sha256(canonical(plan)), waves: rollout };
};

/**
 * The first of many. A message of more than 256 KiB would end an execution with States.DataLimitExceeded, which no
 * Catch catches: the run would pass Report by.
 */
const few = (all: string[], count: number): string[] =>
  all.length > count ? [...all.slice(0, count), `… and ${all.length - count} more`] : all;

const pendingPart = (
  { cluster, clusterArn, secretArn, databases }: InspectedCluster,
  { migrations }: Bundle,
): PlannedCluster[] => {
  const pending = databases
    .filter(({ applied }) => applied < migrations.length)
    .map(({ database, applied, installed, blemishes }) => ({ database, applied, installed, blemishes }));
  return pending.length > 0 ? [{ cluster, clusterArn, secretArn, databases: pending }] : [];
};

const described = ({
  id,
  file,
  mode,
  up,
}: Migration): { id: string; file: string; mode: Migration['mode'] } & Risk => ({
  id,
  file,
  mode,
  ...riskOf(up),
});
