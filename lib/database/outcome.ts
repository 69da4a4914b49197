import * as z from 'zod';

const Failure = z.object({ statement: z.number().nullish(), sqlstate: z.string(), message: z.string() });

/** What became of one segment, as the database tells it. `running`: its call ended before it did. */
export const Outcome = z.object({
  migration: z.string(),
  outcome: z.enum(['applied', 'already applied', 'running', 'busy', 'failed', 'fenced', 'edited', 'out of order']),
  /** The run that applied it. */
  run: z.string().nullish(),
  milliseconds: z.number().nullish(),
  failure: Failure.nullish(),
  /** With `fenced`: the newer run. */
  by: z.string().nullish(),
  /** With `out of order`: the newest migration that the database has. */
  head: z.string().nullish(),
});

export type Outcome = z.infer<typeof Outcome>;
