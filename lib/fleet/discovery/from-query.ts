import {
  BeginTransactionCommand,
  ExecuteStatementCommand,
  type RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { patiently } from '../../database/call.ts';
import { verdictOf } from '../../database/data-api-error.ts';
import { isExpected } from '../../failure.ts';
import type { Claim } from './assemble.ts';
import { shown } from './shown.ts';
import type { QuerySource } from './source.ts';
import { FleetUnreadable } from './unreadable.ts';
import type { Where } from './within.ts';

export type DataApi = Pick<RDSDataClient, 'send'>;

/**
 * What the rows of a query on a control database say. PostgreSQL itself keeps it from changing anything: it is the body
 * of a cursor, which takes a SELECT only, in a transaction that is read only and rolled back in the end. An answer of
 * the Data API ends at 1 MiB, so that rows are fetched so many at a time, and each is cut where nobody writes that much.
 * @throws FleetUnreadable
 */
export const fromQuery = async (
  { cluster, secret, database, sql }: QuerySource,
  client: DataApi,
  { partition, region, account }: Where,
  remaining?: () => number,
): Promise<Claim[]> => {
  const source = `the query on ${cluster}/${database}`;
  const resourceArn = `arn:${partition}:rds:${region}:${account}:cluster:${cluster}`;
  const at = { resourceArn, secretArn: secret, database };
  const begin = async () => {
    const { transactionId } = await client.send(new BeginTransactionCommand(at));
    return transactionId;
  };
  const claims: Claim[] = [];
  try {
    const transactionId = await patiently(begin, { database }, remaining);
    const execute = (statement: string) =>
      client.send(new ExecuteStatementCommand({ ...at, transactionId, sql: statement }));
    try {
      await execute('SET TRANSACTION READ ONLY');
      await execute(`DECLARE fleet NO SCROLL CURSOR FOR ${rowsOf(sql)}`);
      for (;;) {
        const { records = [] } = await execute(`FETCH ${ROWS} FROM fleet`);
        claims.push(...records.map(([row], at) => claimOf(row?.stringValue, source, claims.length + at + 1)));
        if (records.length < ROWS) break;
        if (claims.length >= MOST) {
          throw new FleetUnreadable({ source, reason: `It has more than ${MOST} rows. Narrow it down.` });
        }
      }
    } finally {
      // Nothing is left to undo; a transaction that nobody ends, the Data API ends after three minutes.
      await client
        .send(new RollbackTransactionCommand({ resourceArn, secretArn: secret, transactionId }))
        .catch(() => {});
    }
  } catch (error) {
    if (isExpected(error) && error.name === 'FleetUnreadable') throw error;
    const { message } = verdictOf(error);
    throw new FleetUnreadable({ source, reason: isExpected(error) ? error.message : message }, { cause: error });
  }
  return claims;
};

/** By the names of columns, whatever else the query has; in an order, so that the same rows are told alike each time. */
const rowsOf = (sql: string): string =>
  `SELECT left(jsonb_build_object(${COLUMNS.map((it) => `'${it}', j->'${it}'`).join(', ')})::text, ${LONGEST})
FROM (SELECT to_jsonb(f) AS j FROM (${sql}
) AS f) AS g ORDER BY j->>'cluster' COLLATE "C", j->>'database' COLLATE "C", 1`;

const COLUMNS = ['cluster', 'secret', 'database', 'labels'];
const ROWS = 100;
const LONGEST = 2_000;
const MOST = 200_000;

const claimOf = (text: string | undefined, source: string, row: number): Claim => {
  const { cluster, secret, database, labels } = parsed(text);
  const from = `${source}, row ${row} (cluster ${shown(cluster)}, database ${shown(database)})`;
  return { from, cluster, secret, databases: [{ name: database, labels: labels ?? {} }] };
};

/** A row that was cut is none of JSON: nothing in it is taken. */
const parsed = (text = ''): Record<string, unknown> => {
  try {
    return withLabels(JSON.parse(text));
  } catch {
    return { cluster: text, database: text };
  }
};

/** Labels may be a column of text. */
const withLabels = ({ labels, ...row }: Record<string, unknown>): Record<string, unknown> => {
  if (typeof labels !== 'string') return { ...row, labels };
  try {
    return { ...row, labels: JSON.parse(labels) };
  } catch {
    return { ...row, labels };
  }
};
