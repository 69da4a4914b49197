import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from './table.ts';

/** Remembers, before that is done, that a restore protects a cluster from deletion which its owners had not protected. */
export const recordProtection = async (
  { client, name }: Table,
  it: { resourceId: string; restore: string },
): Promise<void> => {
  await client.send(new PutCommand({ TableName: name, Item: { ...keyOf(it.resourceId), ...it } }));
};

/** Whether it was a restore that protected a cluster from deletion: none of what its owners want of it. */
export const isProtectedByRestore = async ({ client, name }: Table, resourceId: string): Promise<boolean> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: keyOf(resourceId), ConsistentRead: true }));
  return Item !== undefined;
};

/** By RDS's own id, which stays with a cluster whatever it is called. */
const keyOf = (resourceId: string) => ({ pk: `CLUSTER#${resourceId}`, sk: 'PROTECTION' });
