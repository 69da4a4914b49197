import * as z from 'zod';
import type { PlannedWave } from './rollout.ts';

/**
 * How long a wave took, and by what that grows: `rounds` of clusters that are worked on at once, each with its restore
 * point, and `turns` of databases that come one after another in the same place.
 */
export const Pace = z.object({ seconds: z.number(), rounds: z.number(), turns: z.number() });

export type Pace = z.infer<typeof Pace>;

type Size = Pick<PlannedWave, 'clusters' | 'databases' | 'concurrency'>;

export const paceOf = (wave: Size, began: string, ended: string): Pace => ({
  seconds: Math.max(0, (Date.parse(ended) - Date.parse(began)) / 1000),
  ...sizeOf(wave),
});

/** Seconds that a wave takes at that pace: whatever the other one's time went into, it does not come to more. */
export const forecast = (wave: Size, pace: Pace): number => {
  const { rounds, turns } = sizeOf(wave);
  return Math.ceil(pace.seconds * Math.max(rounds / pace.rounds, turns / pace.turns));
};

const sizeOf = ({ clusters, databases, concurrency }: Size): Pick<Pace, 'rounds' | 'turns'> => ({
  rounds: Math.max(1, Math.ceil(clusters / concurrency)),
  turns: Math.max(1, Math.ceil(databases / Math.max(1, Math.min(concurrency, clusters)))),
});
