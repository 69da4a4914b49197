import * as z from 'zod';

const Blocker = z.object({
  pid: z.number(),
  application: z.string().nullable(),
  role: z.string().nullable(),
  state: z.string().nullable(),
  mode: z.string(),
  relation: z.string(),
  seconds: z.number().nullable(),
});

/** A session that held a lock when a statement did not get its own. */
export type Blocker = z.infer<typeof Blocker>;

const Failure = z.object({
  statement: z.number().nullish(),
  sqlstate: z.string(),
  message: z.string(),
  blockers: z.array(Blocker).nullish(),
});

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
