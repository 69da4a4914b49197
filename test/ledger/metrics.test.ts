import { expect, it } from 'vitest';
import { metricLines } from '../../lib/ledger/metrics.ts';

const where = { service: 'shop', environment: 'production' };
const at = new Date('2026-01-05T09:00:00.000Z');
const lines = (measured: Parameters<typeof metricLines>[2]) =>
  metricLines(where, at, measured, { run: 'run-1' }).map((line) => JSON.parse(line));

it('is a line in the embedded format: what is counted, in what, by service and environment', () => {
  expect(lines({ RunsFailed: 1, RunSeconds: 62.5 })).toEqual([
    {
      _aws: {
        Timestamp: at.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: 'Lockstep',
            Dimensions: [['service', 'environment']],
            Metrics: [
              { Name: 'RunsFailed', Unit: 'Count' },
              { Name: 'RunSeconds', Unit: 'Seconds' },
            ],
          },
        ],
      },
      ...where,
      run: 'run-1',
      RunsFailed: 1,
      RunSeconds: 62.5,
    },
  ]);
});

it('holds at most 100 values of a metric; each value stands in one line', () => {
  const DatabaseSeconds = Array.from({ length: 201 }, (_, second) => second);
  const found = lines({ DatabasesApplied: 201, DatabaseSeconds });
  expect(found.map(({ DatabasesApplied }) => DatabasesApplied)).toEqual([201, undefined, undefined]);
  expect(found.map((line) => [line.DatabaseSeconds].flat().length)).toEqual([100, 100, 1]);
  expect(found.flatMap((line) => line.DatabaseSeconds)).toEqual(DatabaseSeconds);
  expect(found[1]._aws.CloudWatchMetrics[0].Metrics).toEqual([{ Name: 'DatabaseSeconds', Unit: 'Seconds' }]);
});

it('is nothing where nothing was measured', () => {
  expect(lines({})).toEqual([]);
});
