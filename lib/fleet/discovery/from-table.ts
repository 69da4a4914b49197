import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Claim } from './assemble.ts';
import { shown } from './shown.ts';
import { FleetUnreadable } from './unreadable.ts';

export type Registry = { client: Pick<DynamoDBDocumentClient, 'send'>; name: string };

/** What the items of a registry say. @throws FleetUnreadable */
export const fromTable = async (registry: Registry): Promise<Claim[]> => {
  try {
    return await scanned(registry);
  } catch (cause) {
    // A table may be gone, or its key: whatever it is, a person has to see to it.
    if (!(cause instanceof Error)) throw cause;
    throw new FleetUnreadable(
      { source: `table ${registry.name}`, reason: `${cause.name}: ${cause.message}` },
      { cause },
    );
  }
};

const scanned = async ({ client, name }: Registry): Promise<Claim[]> => {
  const claims: Claim[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: name,
        ConsistentRead: true,
        ProjectionExpression: NAMES.map((it) => `#${it}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(NAMES.map((it) => [`#${it}`, it])),
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    claims.push(...Items.map((item) => claimOf(item, name)));
    start = LastEvaluatedKey;
  } while (start);
  // A scan has no order of its own, and what is said twice is to be told alike each time.
  return claims.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
};

const NAMES = ['cluster', 'secret', 'database', 'databases', 'labels'];

const claimOf = ({ cluster, secret, database, databases, labels }: Record<string, unknown>, table: string): Claim => {
  const from = `table ${table}, item of cluster ${shown(cluster)}${database === undefined ? '' : ` and database ${shown(database)}`}`;
  if (databases === undefined) return { from, cluster, secret, databases: [{ name: database, labels }] };
  const names = databases instanceof Set || Array.isArray(databases) ? [...databases] : [databases];
  const also = database === undefined ? [] : [{ name: database }];
  return { from, cluster, secret, labels, databases: [...also, ...names.sort().map((name) => ({ name }))] };
};
