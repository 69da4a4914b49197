import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from './table.ts';

/** The number of this word on a check of a bundle: higher than that of any before, however many come at once. */
export const countEvidence = async ({ client, name }: Table, digest: string, check: string): Promise<number> => {
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: name,
      Key: { pk: `EVIDENCE#${digest}`, sk: check },
      UpdateExpression: 'ADD said :one',
      ExpressionAttributeValues: { ':one': 1 },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.said);
};
