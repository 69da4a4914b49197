import { expect, it } from 'vitest';
import type { Happening } from '../../lib/cli/progress.ts';
import { jsonLines } from '../../lib/cli/progress-json.ts';
import { failed, happened, wave } from './watched.ts';

const linesFor = (...all: Happening[]) => {
  const lines: string[] = [];
  const tell = jsonLines((line) => lines.push(line));
  for (const it of all) tell(it);
  return lines.map((line) => JSON.parse(line));
};

const { started, planned, database, looked, parked, paused, ended } = happened;

it('prints all that happens, a plan without its ten thousand databases', () => {
  const large = wave(1, { databases: 10_000, clusters: 10_000 });
  const lines = linesFor(started(), planned(large), happened.wave(1), database(1, failed), paused(), parked(), ended());
  expect(lines.map(({ event, environment }) => [event, environment])).toEqual(
    ['started', 'planned', 'phase', 'database', 'control', 'parked', 'ended'].map((event) => [event, 'production']),
  );
  expect(lines[1]).toMatchObject({ databases: 10_000, pending: 10_000, waves: [{ wave: 1 }], unfit: [] });
  expect(lines[2]).toMatchObject({ phase: 'wave', wave: 1 });
  expect(lines[3]).toMatchObject({ cluster: 'c1', verdict: 'failed', failure: { sqlstate: '42703' } });
  expect(lines[4]).toMatchObject({ state: 'paused', by: 'Ada' });
  expect(lines[5]).toMatchObject({ until: '2026-01-06T01:00:00.000Z', wave: 2, reason: expect.any(String) });
  expect(lines[6]).toMatchObject({ status: 'FAILED', run: 'run-1' });
});

it('prints how a run stands when that has changed, and not because time goes by', () => {
  const atWork = { running: 1, pending: 1, concurrency: 1 };
  const lines = linesFor(
    ...[planned(wave(1, { databases: 2, clusters: 2 })), happened.wave(1), database(1)],
    looked('2026-01-05T09:01:00.000Z', atWork),
    looked('2026-01-05T09:01:01.000Z', atWork),
    looked('2026-01-05T09:01:02.000Z', { ...atWork, concurrency: 2 }),
  );
  const progress = lines.filter(({ event }) => event === 'progress');
  expect(progress).toHaveLength(2);
  expect(progress[0]).toEqual({
    ...{ event: 'progress', environment: 'production', at: '2026-01-05T09:01:00.000Z' },
    ...{ done: 1, databases: 2, restorePoints: 0, clusters: 2, atWork, perMinute: 1, secondsLeft: 60 },
    waves: [{ wave: 1, name: 'canary', databases: 2, done: 1, verdicts: { applied: 1 } }],
  });
  expect(progress[1].atWork.concurrency).toBe(2);
});
