import { failure } from '../failure.ts';

/** A database is not in the state in which a migration may be applied; nothing was changed. */
export const HistoryConflict = failure(
  'HistoryConflict',
  (it: { database: string; migration: string; reason: string }) => `${it.database}: ${it.migration} ${it.reason}`,
);

/** A newer run has taken this database over; this one must not touch it any more. */
export const Fenced = failure(
  'Fenced',
  (it: { database: string; by: string }) =>
    `${it.database} has been taken over by the newer run ${it.by}; this run changes nothing there any more.`,
);

/** The Data API would not take a call, or nobody can say what became of it. */
export const DatabaseUnreachable = failure(
  'DatabaseUnreachable',
  (it: { database: string; reason: string }) => `${it.database} can't be worked on: ${it.reason}`,
);
