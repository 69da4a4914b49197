import { failure } from '../../failure.ts';

/** Who belongs to the fleet could not be found out; nothing was touched. */
export const FleetUnreadable = failure(
  'FleetUnreadable',
  (it: { source: string; reason: string }) =>
    `The fleet can't be read from ${it.source}; nothing was touched. ${it.reason}`,
);
