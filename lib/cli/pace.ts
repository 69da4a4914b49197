import type { PlannedWave } from '../fleet/rollout.ts';
import type { AtWork } from './execution.ts';
import type { Phase } from './run-phase.ts';

/** Measures how many databases are concluded in a minute; see `note`. */
export type Pace = ReturnType<typeof pace>;

/**
 * A rate over the last minute or more, and over twenty databases or more: less jumps about. A wave that has not come so
 * far is measured from its beginning, which is known to whoever comes later, too.
 */
export const pace = () => {
  let samples: { at: number; done: number }[] = [];
  return {
    /** A wave begins; what it had concluded already, where it is carried out again. */
    begin(at: Date, done: number): void {
      samples = [{ at: at.getTime(), done }];
    },
    /** So many of the wave are concluded now; gives those per minute, null while there is nothing to measure. */
    note(now: Date, done: number): number | null {
      const at = now.getTime();
      if (samples.length === 0) samples.push({ at, done });
      const enough = samples.findLastIndex((it) => at - it.at >= 60_000 && done - it.done >= 20);
      samples = samples.slice(Math.max(0, enough));
      const since = samples[0]!;
      if (samples.at(-1)!.at < at) samples.push({ at, done });
      const milliseconds = at - since.at;
      return milliseconds > 0 && done > since.done ? ((done - since.done) * 60_000) / milliseconds : null;
    },
  };
};

export type WaveLeft = Pick<PlannedWave, 'wave' | 'databases' | 'clusters' | 'concurrency' | 'bake'> & { done: number };

/**
 * How long the rest of the rollout takes in seconds, at this rate, with the time that waves bake. Later waves work on
 * more clusters at once, or on fewer, and are taken to be as much faster or slower. Null where nobody can know.
 */
export const secondsLeft = (
  waves: WaveLeft[],
  { phase, perMinute, atWork, now }: { phase: Phase; perMinute: number | null; atWork: AtWork | null; now: Date },
): number | null => {
  if (!('wave' in phase) || phase.wave === null || phase.phase === 'parked') return null;
  const at = waves.find(({ wave }) => wave === phase.wave);
  if (!at) return null;
  const later = waves.filter(({ wave }) => wave > at.wave);
  const ahead = later.reduce((sum, { databases }) => sum + databases, 0);
  const open = phase.phase === 'wave' ? at.databases - at.done : 0;
  if (perMinute === null && open + ahead > 0) return null;
  const rate = (perMinute ?? 1) / 60 / lanes({ ...at, concurrency: atWork?.concurrency || at.concurrency });
  const work = [
    { ...at, concurrency: atWork?.concurrency || at.concurrency, open },
    ...later.map((it) => ({ ...it, open: it.databases })),
  ]
    .filter((it) => it.open > 0)
    .reduce((sum, it) => sum + it.open / (rate * lanes(it)), 0);
  const baking = later.reduce((sum, { bake }) => sum + bake, bakeLeft(phase, at.bake, now));
  return Math.round(work + baking);
};

const lanes = ({ clusters, concurrency }: { clusters: number; concurrency: number }): number =>
  Math.max(1, Math.min(clusters, concurrency));

const bakeLeft = (phase: Phase, bake: number, now: Date): number => {
  if (phase.phase === 'wave') return bake;
  return phase.phase === 'baking' ? Math.max(0, (Date.parse(phase.until) - now.getTime()) / 1_000) : 0;
};

/** `40 s`, `7 min`, `2 h 5 min`, `3 d 4 h`: no more exact than anybody could foretell it. */
export const aboutSo = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
};
