import * as z from 'zod';

/** What a database is expected to look like as long as its history stays what it is. */
export const Base = z.object({
  fingerprint: z.string(),
  /** See `levelOf`. */
  level: z.string(),
  /** When that was seen there, and by which run; null where a check has seen it first. */
  at: z.string(),
  run: z.string().nullable(),
});

export type Base = z.infer<typeof Base>;
