import { PEERS, type Peer } from './contestants.ts';
import type { Times } from './race.ts';

/** The peer with the lowest median, and each contestant's time over that peer's: below 1 is faster. */
export type Standings = { fastestPeer: Peer; ratios: number[] };

/** A ratio is the median over the rounds of two times of one round: what slows a whole round down, it leaves out. */
export const standings = (field: Times[]): Standings => {
  const [fastest] = field
    .filter(({ contestant }) => isPeer(contestant.name))
    .sort((one, other) => median(one.times) - median(other.times));
  return {
    fastestPeer: fastest!.contestant.name as Peer,
    ratios: field.map(({ times }) => median(times.map((time, round) => time / fastest!.times[round]!))),
  };
};

export const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

const isPeer = (name: string): boolean => (PEERS as readonly string[]).includes(name);
