import * as z from 'zod';

/** What is gone back to if need be: a snapshot, a moment in the continuous backups, or a clone. */
export const RestorePointKind = z.enum(['snapshot', 'pointInTime', 'clone']);

export type RestorePointKind = z.infer<typeof RestorePointKind>;
