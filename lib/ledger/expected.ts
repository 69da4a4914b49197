import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Base } from './base.ts';
import type { Table } from './table.ts';

/** Remembers how a run has left a database: what it is expected to look like until the next one. */
export const recordBase = async (
  { client, name }: Table,
  { cluster, database }: { cluster: string; database: string },
  base: Base,
): Promise<void> => {
  await client.send(new PutCommand({ TableName: name, Item: { pk: PK, sk: `${cluster}/${database}`, ...base } }));
};

/** How runs have left the databases of the environment, by cluster/database. */
export const leftByRuns = async ({ client, name }: Table): Promise<Map<string, Base>> => {
  const left = new Map<string, Base>();
  let from: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': PK },
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      }),
    );
    for (const item of Items) left.set(String(item.sk), Base.parse(item));
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return left;
};

const PK = 'EXPECTED';
