import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { controlKey } from './control.ts';
import { isConditionFailed, type Table } from './table.ts';

/** Until when a rollout rests, since its next wave may not begin now. */
export const Park = z.object({
  until: z.string(),
  /** The same for people: `Tuesday 5 January 2027, 02:00 Europe/Berlin`. */
  shown: z.string(),
  /** Why it may not begin now. */
  reason: z.string(),
  /** The wave that is to come. */
  wave: z.number(),
  name: z.string(),
});

export type Park = z.infer<typeof Park>;

/** A rollout that rests, and since when. */
export const Parked = Park.extend({ at: z.string() });

export type Parked = z.infer<typeof Parked>;

/**
 * Puts down that a run is parked, and the task token by which it can be woken before its time: that first, so that
 * whoever sees it parked can wake it. False where it is parked by a newer task already: this call is late, and nobody
 * waits by its token any more.
 */
export const recordParked = async (table: Table, run: string, parked: Parked, taskToken: string): Promise<boolean> =>
  (await putNewest(table, { ...tokenKey(run), at: parked.at, taskToken })) &&
  (await putNewest(table, { ...keyOf(run), ...parked }));

const putNewest = async (table: Table, item: { at: string } & Record<string, unknown>): Promise<boolean> => {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk) OR #at <= :at',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':at': item.at },
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
};

/** How a run is, or was last, parked. */
export const parkedOf = async (table: Table, run: string): Promise<Parked | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(run), ConsistentRead: true }),
  );
  return Item && Parked.parse(Item);
};

/** The token of the task in which a run is, or was last, parked. */
export const parkTokenOf = async (table: Table, run: string): Promise<string | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: tokenKey(run), ConsistentRead: true }),
  );
  return Item?.taskToken;
};

/** Beside the orders that a run is given: whoever follows a run may read it. */
const keyOf = (run: string) => ({ ...controlKey(run), sk: 'PARKED' });

/** Beside what people are asked: whoever follows a run may read none of that, and could wake it by this. */
const tokenKey = (run: string) => ({ pk: `APPROVAL#${run}`, sk: 'PARKED' });
