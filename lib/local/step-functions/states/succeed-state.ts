import type { Succeed } from '../asl.ts';
import { compute, leave, type Visit } from '../visit.ts';

export const runSucceed = async (visit: Visit<Succeed>) =>
  leave(visit, await compute(visit, visit.state, visit.input), undefined);
