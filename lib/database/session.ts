import { ExecuteStatementCommand, type Field, type RDSDataClient, type SqlParameter } from '@aws-sdk/client-rds-data';

/** Where SQL is sent: a database of a cluster, and the secret to log in with. */
export type Database = { clusterArn: string; secretArn: string; database: string };

export type Answer = { records: Field[][]; updated: number };

/** Sends SQL to databases through the Data API, counting the calls. */
export type Session = {
  execute(database: Database, sql: string, parameters?: Record<string, string | number>): Promise<Answer>;
  /** Data API calls made so far, those that failed included. */
  calls(): number;
};

/**
 * A session over a Data API client. The client is expected to have `maxAttempts: 1`: by default one `send` may run
 * its SQL three times, and whether a repetition is harmless is for the caller to know.
 *
 * Every statement is sent with `continueAfterTimeout`: a call is cut off after 45 s, and a statement cut off with it
 * can leave DDL half done, where one that goes on ends in a state that history tells.
 */
export const session = (client: Pick<RDSDataClient, 'send'>): Session => {
  let calls = 0;
  return {
    async execute({ clusterArn, secretArn, database }, sql, parameters = {}) {
      calls += 1;
      const answer = await client.send(
        new ExecuteStatementCommand({
          resourceArn: clusterArn,
          secretArn,
          database,
          sql,
          parameters: Object.entries(parameters).map(([name, value]) => parameter(name, value)),
          continueAfterTimeout: true,
        }),
      );
      return { records: answer.records ?? [], updated: answer.numberOfRecordsUpdated ?? 0 };
    },
    calls: () => calls,
  };
};

const parameter = (name: string, value: string | number): SqlParameter => ({
  name,
  value: typeof value === 'number' ? { longValue: value } : { stringValue: value },
});
