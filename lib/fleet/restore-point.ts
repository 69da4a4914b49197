import * as z from 'zod';
import type { RestorePoint } from '../ledger/restore-points.ts';
import type { Log } from './restore-point/clear-away.ts';
import { ensureClone } from './restore-point/clone.ts';
import type { Rds } from './restore-point/look.ts';
import type { Order } from './restore-point/own.ts';
import { pointInTime } from './restore-point/point-in-time.ts';
import { ensureSnapshot, type Taken } from './restore-point/snapshot.ts';

/** Which restore points an environment takes, as it is deployed. */
export const RestorePointRule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('snapshot'), keepFor: z.int().min(0) }),
  z.strictObject({ kind: z.literal('pointInTime') }),
  z.strictObject({ kind: z.literal('clone'), keepFor: z.int().min(0) }),
]);

export type RestorePointRule = z.infer<typeof RestorePointRule>;

/** Asks for a cluster's restore point, or how far it is. A repeated call finds what the first has begun. */
export const ensureRestorePoint = (
  client: Rds,
  rule: RestorePointRule,
  order: Omit<Order, 'keepFor'>,
  log: Log,
): Promise<Taken> => {
  switch (rule.kind) {
    case 'snapshot':
      return ensureSnapshot(client, { ...order, keepFor: rule.keepFor }, log);
    case 'clone':
      return ensureClone(client, { ...order, keepFor: rule.keepFor }, log);
    case 'pointInTime':
      return pointInTime(client, order);
  }
};

/** What a restore point is called in tables and reports. */
export const shown = (point: RestorePoint): string => {
  switch (point.kind) {
    case 'snapshot':
      return point.snapshot;
    case 'clone':
      return point.clone;
    case 'pointInTime':
      return point.at;
  }
};
