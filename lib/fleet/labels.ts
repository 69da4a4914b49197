import * as z from 'zod';

/** Tier, region, time zone, tenant …: what waves go by, and what people are told of a database. */
export const Labels = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'the name of a label is 1 to 32 of a-z 0-9 _ - and begins with a letter'),
    z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.:/+@-]{0,62}$/,
        'the value of a label is 1 to 63 of A-Z a-z 0-9 _ . : / + @ - and begins with a letter or digit',
      ),
  )
  .refine((labels) => Object.keys(labels).length <= 10, 'at most 10 labels');

export type Labels = z.infer<typeof Labels>;
