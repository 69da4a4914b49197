import { expect, it } from 'vitest';
import { makeReport } from '../../lib/fleet/report.ts';
import type { Verdict } from '../../lib/ledger/runs.ts';
import { verdict } from './samples.ts';

const applied = (cluster: string, applied: string[], timings?: (number | null)[]) =>
  verdict(cluster, 'orders', { applied, ...(timings ? { timings } : {}) });

const times = (...verdicts: Verdict[]) => {
  const report = makeReport(null, { run: 'run-1', failure: null, verdicts, request: null });
  return report.migrations.map(({ id, milliseconds }) => `${id} ${milliseconds}`);
};

it('tells of each migration how long it took where that was longest', () => {
  const all = ['001', '002', '003'];
  expect(
    times(applied('a', all, [5, 40, 1]), applied('b', ['002', '003'], [31, 900]), applied('c', all, [6, 2, 3])),
  ).toEqual(['003 900', '002 40', '001 6']);
});

it('takes what nobody has timed for unknown, and not for quick', () => {
  expect(times(applied('a', ['001', '002'], [null, 0]), applied('b', ['003']))).toEqual(['002 0']);
});

it('keeps of thousands the slowest', () => {
  const ids = Array.from({ length: 5_000 }, (_, n) => `m${n}`);
  const kept = times(
    applied(
      'a',
      ids,
      ids.map((_, n) => n),
    ),
  );
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([1_000, 'm4999 4999', 'm4000 4000']);
});
