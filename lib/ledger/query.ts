import { QueryCommand, type QueryCommandInput, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { Table } from './table.ts';

type Found = NonNullable<QueryCommandOutput['Items']>;

type Query = Pick<
  QueryCommandInput,
  'KeyConditionExpression' | 'FilterExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** Everything that a query finds, as it stands now, however many pages it comes in. */
export const queryAll = async ({ client, name }: Table, query: Query): Promise<Found> => {
  const found: Found = [];
  let from: QueryCommandInput['ExclusiveStartKey'];
  do {
    const { Items = [], LastEvaluatedKey }: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: name,
        ...query,
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      }),
    );
    found.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return found;
};

/** What stands under one key, all of it. */
export const allUnder = (table: Table, pk: string): Promise<Found> =>
  queryAll(table, { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } });

/** The parts of one thing whose sort keys begin alike, in their order. */
export const partsOf = (table: Table, pk: string, prefix: string): Promise<Found> =>
  queryAll(table, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
  });
