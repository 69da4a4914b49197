import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { partsOf } from './query.ts';
import { restorePointKey } from './run-keys.ts';
import { isConditionFailed, type Table } from './table.ts';

const of = {
  cluster: z.string(),
  /** RDS's own id of the cluster, which outlives its names. */
  resourceId: z.string(),
  /** What it gives back is how things stood then. */
  at: z.iso.datetime(),
};

/** What a run has left to go back to, for one cluster. */
export const RestorePoint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), ...of, snapshot: z.string() }),
  z.object({ kind: z.literal('pointInTime'), ...of }),
  z.object({ kind: z.literal('clone'), ...of, clone: z.string() }),
]);

export type RestorePoint = z.infer<typeof RestorePoint>;

/**
 * Writes down a cluster's restore point, and gives the one that holds: the first. A step that is repeated when SQL has
 * run already must not put a later moment in its place.
 */
export const recordRestorePoint = async (table: Table, run: string, point: RestorePoint): Promise<RestorePoint> => {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keyOf(run, point.cluster), ...point },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return point;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return (await restorePoint(table, run, point.cluster)) ?? point;
  }
};

export const restorePoint = async (
  { client, name }: Table,
  run: string,
  cluster: string,
): Promise<RestorePoint | undefined> => {
  const { Item } = await client.send(
    new GetCommand({ TableName: name, Key: keyOf(run, cluster), ConsistentRead: true }),
  );
  return Item && RestorePoint.parse(Item);
};

/** All restore points of a run, by the name of their cluster. */
export const restorePoints = async (table: Table, run: string): Promise<RestorePoint[]> =>
  (await partsOf(table, `RUN#${run}`, restorePointKey(''))).map((item) => RestorePoint.parse(item));

const keyOf = (run: string, cluster: string) => ({ pk: `RUN#${run}`, sk: restorePointKey(cluster) });
