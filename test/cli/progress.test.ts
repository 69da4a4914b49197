import { describe, expect, it } from 'vitest';
import { type Happening, linesOf } from '../../lib/cli/progress.ts';
import { failed, happened, wave } from './watched.ts';

/** What a log shows of a run, without the environment that begins each line. */
const linesFor = (...all: Happening[]): string[] => {
  const lines: string[] = [];
  const tell = linesOf((line) => lines.push(line.replace(/^production {2}/, '')), false);
  for (const it of all) tell(it);
  return lines;
};

const { started, planned, phase, database, looked, parked, paused, ended, restorePoint } = happened;
const twoWaves = [wave(1), wave(2, { databases: 4, clusters: 4, concurrency: 2, budget: 1 })];

describe('the lines of a small fleet', () => {
  it('are each wave before its databases, each database, and why it stands still', () => {
    const lines = linesFor(
      ...[started(), planned(...twoWaves), happened.wave(1), database(1)],
      phase({ phase: 'baking', wave: 1, until: '2026-01-05T09:15:00.000Z' }),
      ...[happened.wave(2), database(2, failed), paused(), database(3)],
    );
    expect(lines).toEqual([
      'run run-1',
      '1 migration for 5 databases in 2 waves',
      'wave 1 of 2, canary: 1 database in 1 cluster',
      '✓ c1/d  1 migration applied in 12 ms',
      'bakes after wave 1 until 2026-01-05 09:15:00Z',
      'wave 2 of 2, rest: 4 databases in 4 clusters, 2 at once, 1 may fail',
      '✗ c2/d  column "worth" does not exist',
      'paused by Ada: the shop is slow; what is under way is finished, no other cluster is begun',
      '✓ c3/d  1 migration applied in 12 ms',
    ]);
  });

  it('tell each wave once, to whoever comes late, too', () => {
    const lines = linesFor(started(), planned(...twoWaves), database(2), happened.wave(2), database(3));
    expect(lines.filter((line) => line.startsWith('wave'))).toEqual([
      'wave 1 of 2, canary: 1 database in 1 cluster',
      'wave 2 of 2, rest: 4 databases in 4 clusters, 2 at once, 1 may fail',
    ]);
  });

  it('say once that a wave is throttled, and say nothing of one that goes as planned', () => {
    const at = (concurrency: number) => looked('2026-01-05T09:00:00Z', { running: 1, pending: 3, concurrency });
    const lines = linesFor(planned(...twoWaves), happened.wave(2), at(2), at(1), at(1), at(4));
    expect(lines.slice(3)).toEqual([
      'wave 2 has 2 → 1 cluster in hand at once',
      'wave 2 has 1 → 4 clusters in hand at once',
    ]);
  });

  it('say what a run that is not admitted yet waits for', () => {
    const missing = ['e2e: nobody has attested it', 'staging: it has stood there for an hour'];
    const lines = linesFor(started(), phase({ phase: 'arriving', missing }), happened.arriving(...missing));
    expect(lines.slice(1)).toEqual([`waits until its bundle may come here: ${missing.join('; ')}`]);
  });

  it('say once until when it is parked, and why', () => {
    const until = '2026-01-06T01:00:00.000Z';
    const resting = phase({ phase: 'parked', wave: 2, again: false, until, waits: true });
    const lines = linesFor(started(), planned(...twoWaves), resting, parked(), looked('2026-01-05T09:00:00Z'));
    expect(lines.slice(2)).toEqual([
      'parked until 2026-01-06 01:00:00Z, Tuesday 6 January 2026, 02:00 Europe/Berlin: its window is closed at ⟨U+001B⟩[2Jthis hour',
    ]);
  });

  it('show nothing that others have written as it would move the cursor', () => {
    const held = { number: 1, wave: 2, reason: 'paused by Eve: \u001b[2Jgone\nproduction  ✓ all', canRevert: true };
    const waiting = { event: 'waiting', environment: 'production', link: null, hint: 'so' } as const;
    const lines = linesFor(started(), { ...waiting, held: { ...held, expiresAt: '' } });
    expect(lines[1]).toMatch(/^held after wave 2: paused by Eve: /);
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('the lines of a large fleet', () => {
  const large = [wave(1), wave(2, { databases: 2_000, clusters: 2_000, concurrency: 50 })];

  it('name only what is not well, and tell every half minute how far it is', () => {
    const lines = linesFor(
      ...[started(), planned(...large), happened.wave(1), database(1), happened.wave(2)],
      looked('2026-01-05T09:00:00Z'),
      ...Array.from({ length: 999 }, (_, at) => database(at + 2)),
      ...Array.from({ length: 1_200 }, (_, at) => restorePoint(at + 1)),
      looked('2026-01-05T09:00:29Z'),
      database(1_500, failed),
      looked('2026-01-05T09:10:00Z', { running: 50, pending: 950, concurrency: 50 }),
      looked('2026-01-05T09:11:00Z', { running: 50, pending: 950, concurrency: 50 }),
    );
    expect(lines.slice(3)).toEqual([
      'wave 2 of 2, rest: 2,000 databases in 2,000 clusters, 50 at once',
      'is at wave 2: 1 of 2,001 databases, 1 applied, 0 of 2,001 restore points',
      '✗ c1500/d  column "worth" does not exist',
      'is at wave 2: 1,001 of 2,001 databases, 1,000 applied, 1 failed, 100 a minute, about 10 min left, 1,200 of 2,001 restore points',
      'is at wave 2: 1,001 of 2,001 databases, 1,000 applied, 1 failed, 90.9 a minute, about 11 min left, 1,200 of 2,001 restore points',
    ]);
  });

  it('end with where it stood', () => {
    const lines = linesFor(started(), planned(...large), happened.wave(1), database(1), ended());
    expect(lines.slice(3)).toEqual([
      'is at wave 1: 1 of 2,001 databases, 1 applied, 0 of 2,001 restore points',
      'FAILED in 61.0 s, 7 Data API calls',
    ]);
  });
});
