import { describe, expect, it } from 'vitest';
import { aboutSo, pace, secondsLeft } from '../../lib/cli/pace.ts';
import { wave } from './watched.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 5, 9) + seconds * 1_000);

describe('a rate', () => {
  it('is that of the wave so far, for whoever comes late, too', () => {
    const rate = pace();
    rate.begin(at(0), 0);
    expect(rate.note(at(120), 60)).toBe(30);
  });

  it('is not known before anything is done, nor to whoever sees a wave that is carried out again for the first time', () => {
    const rate = pace();
    rate.begin(at(0), 0);
    expect(rate.note(at(30), 0)).toBeNull();
    rate.begin(at(40), 25);
    expect(rate.note(at(50), 25)).toBeNull();
    expect(rate.note(at(70), 30)).toBe(10);
  });

  it('does not jump about where a database takes its time', () => {
    const rate = pace();
    rate.begin(at(0), 0);
    const told: number[] = [];
    for (let second = 5; second <= 6_000; second += 5) told.push(rate.note(at(second), Math.floor(second / 50)) ?? 0);
    // One in fifty seconds.
    const late = told.slice(-100);
    expect([Math.min(...late), Math.max(...late)].map((it) => it.toFixed(1))).toEqual(['1.2', '1.3']);
  });

  it('follows what happened lately: over a minute or more, and over twenty databases or more', () => {
    const rate = pace();
    rate.begin(at(0), 0);
    for (let second = 1; second <= 600; second += 1) rate.note(at(second), second);
    expect(rate.note(at(600), 600)).toBe(60);
    // It is throttled to a tenth.
    let last: number | null = null;
    for (let second = 601; second <= 900; second += 1)
      last = rate.note(at(second), 600 + Math.floor((second - 600) / 10));
    expect(last).toBeCloseTo(6, 0);
  });
});

describe('the time that is left', () => {
  const phase = { phase: 'wave', wave: 1, again: false, since: '', mapRun: null } as const;
  const left = (waves: Parameters<typeof secondsLeft>[0], more: Partial<Parameters<typeof secondsLeft>[1]> = {}) =>
    secondsLeft(waves, { phase, perMinute: 60, atWork: null, now: at(0), ...more });

  it('is what the rate says of this wave and of the later ones, by how many clusters they have in hand', () => {
    const first = { ...wave(1, { databases: 20, clusters: 20, concurrency: 2 }), done: 10 };
    const second = { ...wave(2, { databases: 100, clusters: 100, concurrency: 20 }), done: 0 };
    expect(left([first, second])).toBe(10 + 10);
    // Throttled to one at a time, the wave keeps the rate that was measured so; the next is twenty times as quick.
    expect(left([first, second], { atWork: { running: 1, pending: 9, concurrency: 1 } })).toBe(10 + 5);
  });

  it('has what waves bake, and the rest of it while one does', () => {
    const waves = [
      { ...wave(1, { bake: 900 }), done: 1 },
      { ...wave(2, { bake: 60 }), done: 0 },
    ];
    expect(left(waves)).toBe(900 + 1 + 60);
    const baking = { phase: 'baking', wave: 1, until: at(300).toISOString() } as const;
    expect(left(waves, { phase: baking })).toBe(300 + 1 + 60);
  });

  it('is nobody’s guess without a rate, and while people have to decide', () => {
    expect(left([{ ...wave(1), done: 0 }], { perMinute: null })).toBeNull();
    expect(left([{ ...wave(1), done: 0 }], { phase: { phase: 'held', waits: true } })).toBeNull();
  });

  it('is told no more exactly than it is known', () => {
    const told = [0, 89, 90, 3_540, 3_600, 7_500, 200_000].map(aboutSo);
    expect(told).toEqual(['1 s', '89 s', '2 min', '59 min', '1 h', '2 h 5 min', '2 d 7 h']);
  });
});
