import { failure } from '../../failure.ts';

/** A cluster can't be given a restore point, so no SQL is sent to it. */
export const RestorePointFailed = failure(
  'RestorePointFailed',
  (it: { cluster: string; restorePoint: string; reason: string }) =>
    `${it.cluster}: ${it.restorePoint} ${it.reason}. No SQL was sent to the cluster.`,
);
