import { BeginTransactionCommand, CommitTransactionCommand, ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { session } from '../../lib/database/session.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { Died } from './caller.ts';
import type { Executor } from './drive.ts';
import type { Arena } from './ground.ts';
import type { Client } from './transport.ts';

/**
 * How one would write it first: a Data API transaction for each migration, a call for each statement, the SDK's three
 * attempts, and a row of history once all is done. It works as long as nothing goes wrong; the harness has to see that
 * it doesn't otherwise.
 */
export const naive: Executor = {
  async bring(arena, client, { migrations }) {
    const api = retrying(client, arena);
    try {
      await api.run('CREATE SCHEMA IF NOT EXISTS lockstep');
      await api.run('CREATE TABLE IF NOT EXISTS lockstep.naive (migration text)');
      const done = new Set(await naive.applied(arena, { migrations }));
      for (const migration of migrations) if (!done.has(migration.id)) await carryOut(api, migration);
      return { state: 'applied' };
    } catch (error) {
      if (error instanceof Died) return { state: 'died' };
      const { name, message } = error as Error;
      const why = `${name}: ${message}`;
      return { state: /SQLState: (?!57P01|28P01)/.test(message) ? 'wrong' : 'again', why };
    }
  },
  async applied({ direct, database }) {
    const { records } = await session(direct).execute(database, 'SELECT migration FROM lockstep.naive');
    return records.map(([id]) => id!.stringValue!);
  },
};

const carryOut = async (api: ReturnType<typeof retrying>, { id, up }: Migration) => {
  const whole = up.every(({ transactional }) => transactional);
  const transactionId = whole ? await api.begin() : undefined;
  for (const { sql, wire } of up) await api.run(wire ?? sql, transactionId);
  if (transactionId) await api.commit(transactionId);
  await api.run(`INSERT INTO lockstep.naive VALUES ('${id}')`);
};

const retrying = (client: Client, { database: { clusterArn: resourceArn, secretArn, database } }: Arena) => {
  const common = { resourceArn, secretArn };
  return {
    run: (sql: string, transactionId?: string) =>
      threeTimes(() => client.send(new ExecuteStatementCommand({ ...common, database, sql, transactionId }))),
    begin: async () =>
      (await threeTimes(() => client.send(new BeginTransactionCommand({ ...common, database })))).transactionId!,
    commit: (transactionId: string) =>
      threeTimes(() => client.send(new CommitTransactionCommand({ ...common, transactionId }))),
  };
};

/** As the SDK does by itself: broken connections, 5xx and throttling are tried again. */
const threeTimes = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const { name, code, $metadata } = error as {
        name: string;
        code?: string;
        $metadata?: { httpStatusCode: number };
      };
      const again = code === 'ECONNRESET' || name === 'ThrottlingException' || ($metadata?.httpStatusCode ?? 0) >= 500;
      if (error instanceof Died || !again || attempt === 3) throw error;
    }
  }
};
