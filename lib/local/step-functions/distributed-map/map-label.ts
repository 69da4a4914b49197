import { createHash } from 'node:crypto';
import type { MapState } from '../asl.ts';

/** The label a distributed map's children have in their ARNs; AWS makes one up for a state without. */
export const labelOf = (name: string, state: MapState) => {
  if (state.Label !== undefined) return state.Label;
  const digest = createHash('sha256').update(name).digest('hex');
  return [0, 8, 12, 16, 20].map((start, n) => digest.slice(start, [8, 12, 16, 20, 32][n])).join('-');
};
