import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { partsOf } from './query.ts';
import type { Table } from './table.ts';

/** How far a restore is with one cluster. */
export const Restored = z.object({
  cluster: z.string(),
  state: z.enum(['working', 'restored', 'swapped', 'failed']),
  /** What is being done, for people who wait; what went wrong where it failed. */
  note: z.string(),
  /** What the new cluster is called now, and RDS's own id of it; null before there is one. */
  restored: z.string().nullable(),
  resourceId: z.string().nullable(),
  /** What the old one is called now. */
  kept: z.string().nullable(),
  /** The exchange of names was begun: the cluster that bears the old one's may be another, or none. */
  exchanging: z.boolean().default(false),
  failure: z.object({ error: z.string(), cause: z.string() }).nullable(),
});

export type Restored = z.infer<typeof Restored>;

/** Whether databases may have been put back already; what was said of bundles since does not stand then. */
export const isExchanging = ({ exchanging }: Restored): boolean => exchanging;

/** Remembers how far it is; a later word replaces an earlier one. */
export const recordRestored = async ({ client, name }: Table, restore: string, it: Restored): Promise<void> => {
  await client.send(new PutCommand({ TableName: name, Item: { ...keyOf(restore, it.cluster), ...it } }));
};

export const restoredOf = async (
  { client, name }: Table,
  restore: string,
  cluster: string,
): Promise<Restored | undefined> => {
  const { Item } = await client.send(
    new GetCommand({ TableName: name, Key: keyOf(restore, cluster), ConsistentRead: true }),
  );
  return Item && Restored.parse(Item);
};

/** How far a restore is with all its clusters, by name. */
export const restoredAll = async (table: Table, restore: string): Promise<Restored[]> =>
  (await partsOf(table, `RUN#${restore}`, 'RESTORED#')).map((item) => Restored.parse(item));

const keyOf = (restore: string, cluster: string) => ({ pk: `RUN#${restore}`, sk: `RESTORED#${cluster}` });
