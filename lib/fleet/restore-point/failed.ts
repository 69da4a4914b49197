import { failure } from '../../failure.ts';

/** A cluster can't be given a restore point, so no SQL is sent to it. */
export const RestorePointFailed = failure(
  'RestorePointFailed',
  (it: { cluster: string; restorePoint: string; reason: string }) =>
    `${it.cluster}: ${it.restorePoint} ${it.reason}. No SQL was sent to the cluster.`,
);

/**
 * A cluster's restore point is being made: to be asked about again in a while. A failure, since a retry is one state
 * transition for each look, where a choice and a wait were three.
 */
export const RestorePointPending = failure(
  'RestorePointPending',
  (it: { restorePoint: string; percent: number }) => `${it.restorePoint} is being made (${it.percent} %).`,
);
