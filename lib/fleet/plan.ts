import * as z from 'zod';
import { failure } from '../failure.ts';
import type { Bundle, Migration } from '../migrations/bundle.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import { type Risk, riskOf } from '../policy/risk.ts';
import { type Facts, TableFacts } from '../policy/table-facts.ts';
import { byWindow } from './by-window.ts';
import { ClusterIdentifier, DatabaseName, type PlannedCluster } from './fleet.ts';
import type { InspectedCluster } from './inspected.ts';
import { findingsOf, type LintFindings, lintErrors, PlannedFinding } from './lint-findings.ts';
import { biggestOf, type Found, inParts, pendingPart, plannedWave, tooLarge } from './manifest.ts';
import { UNNAMED } from './pending.ts';
import { factsOf, pendingIn } from './plan-facts.ts';
import { RestorePointKind } from './restore-point-kind.ts';
import { withoutDown } from './reverting.ts';
import { type OnHalt, PlannedWave, type Rollout } from './rollout.ts';
import { unmatchedInWords, unmatchedWaves } from './unmatched-waves.ts';
import { cutWaves } from './waves.ts';

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
  /** `down` takes migrations back: those that the run `revert` applied. */
  direction: z.enum(['up', 'down']),
  revert: z.string().nullable(),
  /** The path by which the bundle came here; not there where none is declared. */
  path: z.string().optional(),
  restorePoint: RestorePointKind,
  /** Digests of who may approve and of how is rolled out, and of the fleet as it is declared; Lockstep's version. */
  policy: z.string(),
  fleet: z.string(),
  version: z.string(),
  /** How it goes out, wave by wave, and what becomes of it when something is wrong. */
  rollout: z.object({
    waves: z.array(PlannedWave),
    onHalt: z.enum(['stop', 'hold', 'revert']),
    alarms: z.array(z.string()),
    healthCheck: z.boolean(),
    /** Whether every migration of it could be taken back. */
    canRevert: z.boolean(),
    /** The cluster with the most data, which is no canary; null where that is not known. */
    biggest: z.string().nullable(),
    /** Which declared waves ask for clusters that are not there, in sentences; not there where none does. */
    unmatched: z.array(z.string()).optional(),
  }),
  /** Clusters that can't be worked on and are left out; not there where there are none. */
  unfit: z.array(z.object({ cluster: ClusterIdentifier, problems: z.array(z.string()) })).optional(),
  /** What the tables are like that it touches, where they are largest; not there where that could not be read. */
  facts: z.array(TableFacts).optional(),
  /** Migrations that are to be carried out in at least one database, in the order in which that happens. */
  migrations: z.array(
    z.object({
      id: z.string(),
      /** The up file or, where it is taken back, the down file. */
      file: z.string(),
      mode: z.enum(['transactional', 'stepwise']),
      risk: z.enum(['low', 'medium', 'high']),
      reason: z.string(),
      /** Number of databases in which that happens. */
      databases: z.number(),
      /** What lint says of it; not there where that is nothing. */
      findings: z.array(PlannedFinding).optional(),
    }),
  ),
  databases: z.array(
    z.object({
      cluster: ClusterIdentifier,
      database: DatabaseName,
      /** 1-based; null where nothing is pending. */
      wave: z.number().nullable(),
      /** Number of the bundle's migrations that it has. */
      applied: z.number(),
      /** What it is to get or, newest first, what is to be taken back there. */
      pending: z.array(z.string()),
      fingerprint: z.string(),
      /** Hash of its history as it stood; PostgreSQL's `server_version_num`. */
      head: z.string(),
      server: z.number(),
    }),
  ),
});

export type Plan = z.infer<typeof Plan>;

/** A plan, and for each of its waves the clusters of its manifest. */
export type Planned = { plan: Plan; planDigest: string; waves: PlannedCluster[][] };

export type PlanOptions = Pick<Plan, 'service' | 'environment' | 'digest' | 'policy' | 'fleet' | 'version' | 'path'> & {
  rollout: Rollout;
  /** What speaks against the fleet as a whole. */
  problems?: string[];
  /** What lint has found in the bundle. */
  findings?: LintFindings;
  /** Null where they could not be read. */
  facts?: TableFacts[] | null;
  /** Clusters that are left out. */
  unfit?: Plan['unfit'];
  /** The run that is to be taken back, if it is that. */
  revert?: string | null;
  /** What was the biggest cluster when the plan was approved: another one since is no other plan. */
  biggest?: string | null;
  /** @default snapshot */
  restorePoint?: Plan['restorePoint'];
};

/** Makes the plan out of what was found in the fleet, or says everything that speaks against it. */
export const makePlan = (
  bundle: Bundle,
  fleet: InspectedCluster[],
  {
    rollout,
    revert = null,
    biggest = null,
    restorePoint = 'snapshot',
    problems: ofFleet = [],
    unfit = [],
    findings = [],
    facts = null,
    ...named
  }: PlanOptions,
): Planned => {
  const direction = revert === null ? 'up' : 'down';
  // A distributed map answers in any order; a plan's digest must not depend on it.
  const found = fleet
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1))
    .map((it) => ({
      ...it,
      databases: it.databases.map(
        (database): Found => ({ ...database, pending: pendingIn(bundle, database, direction) }),
      ),
    }));
  const counts = new Map<string, number>();
  for (const { pending } of found.flatMap(({ databases }) => databases))
    for (const id of pending) counts.set(id, (counts.get(id) ?? 0) + 1);

  const pending = found.flatMap(pendingPart);
  const most = biggest !== null && pending.some(({ cluster }) => cluster === biggest) ? biggest : biggestOf(pending);
  const cuts = cutWaves(pending, rollout.waves, most, rollout.windows && byWindow(rollout.windows));
  const manifests = cuts.map(({ clusters }) => clusters.flatMap(inParts));
  const problems = [
    ...ofFleet,
    ...lintErrors(findings, counts),
    ...(revert === null ? [] : withoutDown(bundle, new Set(counts.keys()), revert)),
    ...found.flatMap(({ cluster, databases }) =>
      databases.flatMap(({ database, problems }) => {
        const name = `${cluster}/${database}`;
        return problems.map((it) => `${name}: ${it.replaceAll(UNNAMED.join(' '), `${named.environment} ${name}`)}`);
      }),
    ),
    ...manifests.flat().flatMap(tooLarge),
  ];
  if (problems.length > 0) throw new PlanRefused({ problems });

  const waveOf = new Map(
    cuts.flatMap(({ clusters }, at) =>
      clusters.flatMap(({ cluster, databases }) =>
        databases.map(({ database }) => [`${cluster}/${database}`, at + 1] as const),
      ),
    ),
  );
  const unmatched = unmatchedWaves(rollout.waves, found).map(unmatchedInWords);
  const carriedOut = bundle.migrations.filter(({ id }) => counts.has(id));
  if (direction === 'down') carriedOut.reverse();
  const told = facts === null ? {} : { facts };
  const known = factsOf({ ...told, direction, migrations: carriedOut }, bundle);
  const plan: Plan = {
    ...named,
    direction,
    revert,
    restorePoint,
    rollout: {
      waves: cuts.map(plannedWave),
      onHalt: haltRule(rollout.onHalt, direction),
      // What takes a run back is what one does about an alarm: it must not be stopped by it.
      alarms: direction === 'up' ? rollout.alarms : [],
      healthCheck: direction === 'up' && rollout.healthCheck,
      canRevert: direction === 'up' && carriedOut.every(({ down }) => down !== null),
      biggest: most,
      ...(unmatched.length > 0 ? { unmatched } : {}),
    },
    ...(unfit.length > 0 ? { unfit } : {}),
    ...told,
    migrations: carriedOut.map((it) => ({
      ...described(it, direction, known),
      databases: counts.get(it.id)!,
      ...findingsOf(findings, it.id),
    })),
    databases: found.flatMap(({ cluster, databases }) =>
      databases.map(({ database, applied, late, pending, fingerprint, head, server }) => ({
        cluster,
        database,
        wave: pending.length > 0 ? (waveOf.get(`${cluster}/${database}`) ?? null) : null,
        applied: applied - late.length,
        pending,
        fingerprint,
        head,
        server,
      })),
    ),
  };
  return { plan, planDigest: sha256(canonical(plan)), waves: manifests };
};

/**
 * The first of many. A message of more than 256 KiB would end an execution with States.DataLimitExceeded, which no
 * Catch catches: the run would pass Report by.
 */
const few = (all: string[], count: number): string[] =>
  all.length > count ? [...all.slice(0, count), `… and ${all.length - count} more`] : all;

const described = (
  { id, file, mode, up, down }: Migration,
  direction: Plan['direction'],
  facts: Facts | undefined,
): { id: string; file: string; mode: Migration['mode'] } & Risk =>
  direction === 'up' || down === null
    ? { id, file, mode, ...riskOf(up, facts) }
    : { id, file: down.file, mode: down.mode, ...riskOf(down.statements, facts) };

/** What takes a run back is not taken back itself. */
const haltRule = (onHalt: OnHalt, direction: Plan['direction']): OnHalt =>
  direction === 'down' && onHalt === 'revert' ? 'stop' : onHalt;
