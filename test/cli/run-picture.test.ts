import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { painter } from '../../lib/cli/output.ts';
import type { Happening } from '../../lib/cli/progress.ts';
import { picture } from '../../lib/cli/run-picture.ts';
import { standing } from '../../lib/cli/standing.ts';
import { failed, happened, wave } from './watched.ts';

const { planned, phase, database, looked, paused, restorePoint } = happened;

/** What a terminal of this size shows after all that. */
const shown = (all: Happening[], { columns = 100, rows = 24, colours = false } = {}): string[] => {
  const seen = standing();
  for (const it of all) seen.take(it);
  const frame = { turn: 0, columns, rows, paint: painter(colours) };
  return picture({ environment: 'production', ...seen.now() }, frame).split('\n');
};

const threeWaves = [
  wave(1),
  wave(2, { databases: 4, clusters: 4, concurrency: 2, budget: 2 }),
  wave(3, { databases: 5, clusters: 5 }),
];
const underWay = [
  ...[planned(...threeWaves), happened.wave(1), restorePoint(1), database(1), happened.wave(2)],
  ...[restorePoint(2), restorePoint(3), restorePoint(4), database(2), database(3, failed)],
  database(4, { verdict: 'running', note: 'CREATE INDEX  12 %\u001b[2J' }),
  looked('2026-01-05T09:02:00.000Z', { running: 1, pending: 1, concurrency: 2 }),
];

describe('the picture of a run', () => {
  it('is a bar, its waves with their verdicts, and what it is at', () => {
    expect(shown(underWay)).toEqual([
      '███████░░░░░░░░░░░░░░░░░  production  3/10 databases',
      '                          1.0 a minute, about 4 min left, 4/10 restore points',
      '✓  1 canary             1/1  1 applied',
      '▸  2 rest               2/4  1 applied, 1 failed, 1 running, 2 may fail',
      '   3 rest               0/5',
      '⠋ is at wave 2: 1 cluster at work of 2 at once, 1 not begun',
      '  … c4/d  CREATE INDEX 12 %⟨U+001B⟩[2J',
    ]);
  });

  it('counts nothing before there is a plan', () => {
    expect(shown([])).toEqual(['░░░░░░░░░░░░░░░░░░░░░░░░  production', '⠋ plans']);
  });

  it('lets nothing through that would move the cursor', () => {
    expect(shown(underWay).join('')).not.toContain('\u001b');
  });

  it('says that it is paused while the wave goes on, and only then', () => {
    expect(shown([...underWay, paused()])).toContain(
      '⠋ is at wave 2, paused by Ada: 1 cluster at work of 2 at once, 1 not begun',
    );
    const held = [phase({ phase: 'held', waits: true }), looked('2026-01-05T09:03:00.000Z')];
    expect(shown([...underWay, paused(), ...held])).toContain('⠋ is held');
  });

  it('says of a parked run until when it rests, and of no wave that it is at work', () => {
    const until = '2026-01-06T01:00:00.000Z';
    const resting = phase({ phase: 'parked', wave: 2, again: false, until, waits: true });
    const lines = shown([planned(...threeWaves), database(1), resting, looked('2026-01-05T09:00:00.000Z')]);
    expect(lines).toContain('⠋ is parked before wave 2 until 2026-01-06 01:00:00Z');
    expect(lines.filter((line) => line.startsWith('▸') || line.includes(' left'))).toEqual([]);
  });

  it('fits the terminal, in width and in height, around the wave that is at work', () => {
    const many = Array.from({ length: 40 }, (_, at) => wave(at + 1));
    const lines = shown([planned(...many), happened.wave(20)], { columns: 40, rows: 14 });
    expect(lines).toHaveLength(8);
    expect(lines.filter((line) => line.startsWith('▸'))).toEqual([expect.stringContaining('20 rest')]);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(40);
  });

  it('cuts no colour in two', () => {
    const lines = shown(underWay, { columns: 60, colours: true });
    expect(lines[2]).toContain('\u001b[32m✓');
    for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(60);
  });
});
