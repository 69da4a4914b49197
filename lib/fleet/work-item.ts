import * as z from 'zod';
import type { StatementFailure } from '../database/apply.ts';
import type { Verdict } from '../ledger/runs.ts';
import { WaveOrder } from '../ledger/wave-tally.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { PlannedCluster, PlannedDatabase, Run } from './fleet.ts';
import { clip } from './texts.ts';

/** What Apply, Verify and RecordFailure are handed: one database of one wave, and what became of it so far. */
export const WorkItem = z.object({
  run: Run,
  wave: WaveOrder,
  cluster: PlannedCluster,
  snapshot: z.string(),
  database: PlannedDatabase,
  /** How often the step was tried before, whatever became of that. */
  retries: z.number().default(0),
  /** What Apply answered last; `applied` are the migrations that the run carried out, whichever its direction. */
  progress: z.object({ applied: z.array(z.string()), milliseconds: z.number(), dataApiCalls: z.number() }).optional(),
});

export type WorkItem = z.infer<typeof WorkItem>;

/** An item that may have failed before there was a snapshot. */
type Failed = Omit<WorkItem, 'snapshot'> & { snapshot: string | null };

/** Where SQL for the item's database is sent. */
export const databaseOf = ({ cluster: { clusterArn, secretArn }, database: { database } }: WorkItem) => ({
  clusterArn,
  secretArn,
  database,
});

/** The verdict of a database that failed, or is in doubt; a statement's place in its file is looked up in the bundle. */
export const failed = (
  item: Failed,
  failure: Omit<StatementFailure, 'migration' | 'statement'> & { migration: string | null; statement: number | null },
  bundle: Bundle | null,
  verdict: 'failed' | 'in doubt' = 'failed',
): Verdict => {
  const migration = bundle?.migrations.find(({ id }) => id === failure.migration);
  const source =
    item.run.direction === 'up' ? migration && { ...migration, statements: migration.up } : migration?.down;
  return {
    ...verdictBase(item),
    verdict,
    failure: {
      ...failure,
      // PostgreSQL's message may hold anything, a ledger item 400 KB.
      message: clip(failure.message, 8_000),
      file: source?.file ?? null,
      line: source?.statements[(failure.statement ?? 0) - 1]?.line ?? null,
    },
    fingerprint: null,
  };
};

export const verdictBase = ({ run, cluster, database, snapshot, progress }: Failed) => ({
  cluster: cluster.cluster,
  database: database.database,
  snapshot,
  applied: run.direction === 'up' ? (progress?.applied ?? []) : [],
  reverted: run.direction === 'down' ? (progress?.applied ?? []) : [],
  milliseconds: Math.round(progress?.milliseconds ?? 0),
  dataApiCalls: progress?.dataApiCalls ?? 0,
});
