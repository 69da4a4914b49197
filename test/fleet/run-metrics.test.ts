import { expect, it } from 'vitest';
import { metricsOfRun } from '../../lib/fleet/run-metrics.ts';

const database = (verdict: string | null, milliseconds = 0) => ({ verdict, milliseconds }) as never;

it('counts databases by verdict, and tells how long those took that were worked on', () => {
  const databases = [
    ...[database('applied', 1500), database('applied', 500), database('failed', 250), database('in doubt')],
    ...[database('skipped'), database(null), database('running')],
  ];
  expect(metricsOfRun({ status: 'FAILED', databases, dataApiCalls: 12 }, 90)).toEqual({
    ...{ RunsSucceeded: 0, RunsFailed: 1, RunSeconds: 90, DataApiCalls: 12, DatabaseSeconds: [1.5, 0.5, 0.25] },
    ...{ DatabasesApplied: 2, DatabasesReverted: 0, DatabasesSkipped: 1, DatabasesFailed: 1, DatabasesInDoubt: 1 },
  });
});

it('counts a run that was never let in as failed, and nothing else of it', () => {
  expect(metricsOfRun({ status: 'FAILED', databases: [], dataApiCalls: 0 }, null)).toEqual({
    ...{ RunsSucceeded: 0, RunsFailed: 1 },
  });
});
