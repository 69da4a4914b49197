import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { Base } from './base.ts';
import { allUnder } from './query.ts';
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
export const leftByRuns = async (table: Table): Promise<Map<string, Base>> =>
  new Map((await allUnder(table, PK)).map((item) => [String(item.sk), Base.parse(item)]));

const PK = 'EXPECTED';
