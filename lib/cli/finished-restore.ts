import type { RestorePlan } from '../fleet/restore/plan.ts';
import type { RestoreReport } from '../fleet/restore/report.ts';
import { lastToken } from '../ledger/lease.ts';
import { objects, runKey } from '../ledger/objects.ts';
import { type RunRecord, runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import type { RestoreResult } from './follow-restore.ts';
import { optional } from './follow-run.ts';
import type { Pipeline } from './pipelines.ts';
import type { RestorePreview } from './restore-preview.ts';

/**
 * How the last restore of a run ended, if it was of the same clusters in the same way, has succeeded, and nothing has
 * been at work in the environment since: what it has done stands then, and there is nothing to do again.
 */
export const finishedRestore = async (
  { s3, dynamodb }: Pick<Clients, 's3' | 'dynamodb'>,
  { environment, ledger, bucket }: Pipeline,
  earlier: string[],
  { clusters, swap }: Pick<RestorePreview, 'clusters' | 'swap'>,
): Promise<RestoreResult | null> => {
  const table = { client: dynamodb, name: ledger };
  const last = await lastKnown(earlier, (restore) => runRecord(table, restore));
  if (last?.status !== 'SUCCEEDED' || last.token === undefined || last.token !== (await lastToken(table))) return null;
  const of = (what: 'plan' | 'report') => optional<unknown>(objects(s3, bucket).json(runKey(last.run, what)));
  const [plan, report] = (await Promise.all([of('plan'), of('report')])) as [RestorePlan | null, RestoreReport | null];
  if (!plan || !report || plan.swap !== swap || namesOf(plan.clusters) !== namesOf(clusters)) return null;
  const { restores, planDigest, failure, approvals } = report;
  return {
    ...{ environment, status: last.status, restore: last.run, execution: last.execution, restores, swap },
    ...{ planDigest, failure, approvals, clusters: report.clusters },
  };
};

/** Of one that was not admitted the ledger knows nothing. */
const lastKnown = async (names: string[], read: (name: string) => Promise<RunRecord | undefined>) => {
  for (const name of names.toReversed()) {
    const record = await read(name);
    if (record) return record;
  }
  return undefined;
};

const namesOf = (clusters: { cluster: string }[]): string =>
  clusters
    .map(({ cluster }) => cluster)
    .toSorted()
    .join(' ');
