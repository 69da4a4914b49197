import type { Pass } from '../asl.ts';
import { compute, leave, type Visit } from '../visit.ts';

export const runPass = async (visit: Visit<Pass>) =>
  leave(visit, await compute(visit, visit.state, visit.input), visit.state.Next);
