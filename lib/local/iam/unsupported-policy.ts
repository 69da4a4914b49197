import { failure } from '../../failure.ts';

/** A policy says what AWS would refuse or what the local cloud could only guess at, so nothing is deployed with it. */
export const UnsupportedPolicy = failure(
  'UnsupportedPolicy',
  (it: { problem: string }) => `A policy can't be enforced: ${it.problem}`,
);
