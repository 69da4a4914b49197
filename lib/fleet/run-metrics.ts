import type { Measured, MetricName } from '../ledger/metrics.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { Report } from './report.ts';

/** What there is to count of a run once it has ended. Null where it was never let in, and so took no time. */
export const metricsOfRun = (
  { status, databases, dataApiCalls }: Pick<Report, 'status' | 'databases' | 'dataApiCalls'>,
  seconds: number | null,
): Measured => ({
  RunsSucceeded: status === 'SUCCEEDED' ? 1 : 0,
  RunsFailed: status === 'FAILED' ? 1 : 0,
  ...(seconds === null ? {} : { RunSeconds: seconds }),
  ...(databases.length === 0 ? {} : { ...metricsOfDatabases(databases), DataApiCalls: dataApiCalls }),
});

/** How many databases came out how, and how long the work on each took. Those without a verdict had nothing to do. */
export const metricsOfDatabases = (
  databases: { verdict: Verdict['verdict'] | null; milliseconds: number }[],
): Measured => {
  const worked = databases.filter(({ milliseconds }) => milliseconds > 0);
  return {
    ...Object.fromEntries(
      Object.entries(COUNTED).map(([verdict, name]) => [name, databases.filter((it) => it.verdict === verdict).length]),
    ),
    ...(worked.length === 0 ? {} : { DatabaseSeconds: worked.map(({ milliseconds }) => milliseconds / 1000) }),
  };
};

/** A database that is still at work when its run has ended came out in no way yet. */
const COUNTED: Record<Exclude<Verdict['verdict'], 'running'>, MetricName> = {
  applied: 'DatabasesApplied',
  reverted: 'DatabasesReverted',
  skipped: 'DatabasesSkipped',
  failed: 'DatabasesFailed',
  'in doubt': 'DatabasesInDoubt',
};
