import * as z from 'zod';

const Finding = z.object({
  /**
   * `changed`: the schema is not what was last seen there, though no migration has run. `different`: it is not what
   * most others with the same migrations have. `apart`: as many have one as another, and nobody can say which is right;
   * what is expected is another one. `migrations`: it has not the migrations that others have. `unreadable`.
   */
  kind: z.enum(['changed', 'different', 'apart', 'migrations', 'unreadable']),
  /** What the databases have in common; of an unreadable one, nothing. */
  expected: z.string().nullable(),
  found: z.string().nullable(),
  /** Whose word the expectation is: the run that left it so; null where a check saw it first, or others have it so. */
  run: z.string().nullable(),
  /** One that has it as expected, if there is one now. */
  like: z.string().nullable(),
  databases: z.array(
    z.object({
      database: z.string(),
      /** It became so after the one, when it had been looked at and was not so, and was seen to be at the other. */
      after: z.string().nullable(),
      seen: z.string(),
    }),
  ),
  /** Object by object; null where that is not known, and `why` tells the reason. */
  objects: z
    .array(
      z.object({
        object: z.string(),
        is: z.enum(['missing', 'not expected', 'different']),
        /** Definitions; null where there is none, or none that could be kept. */
        expected: z.string().nullable(),
        found: z.string().nullable(),
      }),
    )
    .nullable(),
  /** Number of objects that differ, of which the first are listed. */
  count: z.number(),
  /** What else there is to say: the migrations that it lacks, why it can't be read, why objects are not known. */
  why: z.string().nullable(),
});

/** Databases that deviate in the same way. */
export type Finding = z.infer<typeof Finding>;

/** What a check for drift has found; kept in the environment's bucket. */
export const DriftReport = z.object({
  check: z.string(),
  service: z.string(),
  environment: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  /** Why the fleet could not be looked at; null where it was. */
  failure: z.object({ error: z.string(), cause: z.string() }).nullable(),
  /** The execution that was changing the fleet meanwhile: what has which migrations was not told then. */
  atWork: z.string().nullable(),
  /** Databases that were looked at, and those that are as they should be. */
  databases: z.number(),
  alike: z.number(),
  findings: z.array(Finding),
  /** Clusters that are no part of the fleet as it should be: discovery's own problems. */
  problems: z.array(z.string()),
  dataApiCalls: z.number(),
});

export type DriftReport = z.infer<typeof DriftReport>;
