import * as z from 'zod';
import { HistoryRow } from '../database/inspect.ts';
import type { Status } from '../fleet/status.ts';

const place = { cluster: z.string(), database: z.string() };

const Reading = z.union([
  z.object({ ...place, history: z.array(HistoryRow), fingerprint: z.string() }),
  z.object({ ...place, problem: z.string() }),
]);

/** What has to be known of one account's status in another. */
export const Readable = z.object({
  service: z.string(),
  readings: z.array(
    z.object({
      ...{ environment: z.string(), databases: z.array(Reading) },
      ...{ after: z.array(z.string()).optional(), production: z.boolean().optional() },
    }),
  ),
});

/** What `lockstep status --json` prints, and `--with` reads. */
export type StatusDocument = Status & {
  /** When it was read. */
  at: string;
} & z.infer<typeof Readable>;
