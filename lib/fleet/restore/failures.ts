import { failure } from '../../failure.ts';

/** A cluster could not be restored. The one that stands there was not touched, unless its swap had begun. */
export const RestoreFailed = failure(
  'RestoreFailed',
  (it: { cluster: string; reason: string }) => `${it.cluster}: ${it.reason}`,
);

/** A restored cluster is not what it was before the run; it is kept, and not swapped in. */
export const RestoreDiffers = failure(
  'RestoreDiffers',
  (it: { cluster: string; restored: string; databases: { database: string; expected: string; found: string }[] }) =>
    `${it.cluster}: ${it.restored} is not what it was before the run: ${it.databases
      .slice(0, 20)
      .map(
        ({ database, expected, found }) =>
          `${database} has the schema ${found.slice(0, 12)}, and had ${expected.slice(0, 12)}`,
      )
      .join('; ')}${it.databases.length > 20 ? '; …' : '.'}`,
);
