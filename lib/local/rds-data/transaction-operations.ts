import type { Context } from './context.ts';
import { startDeadline, within } from './deadline.ts';
import type { BeginTransaction, EndTransaction } from './request.ts';

/** BeginTransaction: a session is the transaction's alone until it ends. */
export const beginTransaction = async (
  { limits, switches, connections, transactions }: Context,
  input: BeginTransaction,
) => {
  const deadline = startDeadline(limits, switches);
  try {
    const { pool, login } = await connections.of(input);
    const session = await pool.take(login, deadline.signal);
    const owner = { resourceArn: input.resourceArn, secretArn: input.secretArn, database: login.database };
    const begun = await within(deadline, session, transactions.begin(owner, pool, session), false).catch(
      (error: unknown) => {
        void pool.give(session);
        throw error;
      },
    );
    if (!begun.finished) throw deadline.error(session);
    return { transactionId: begun.result };
  } finally {
    deadline.clear();
  }
};

export const commitTransaction = async ({ connections, transactions }: Context, input: EndTransaction) => {
  await connections.of(input);
  await transactions.finish(input.transactionId, input, 'COMMIT');
  return { transactionStatus: 'Transaction Committed' };
};

export const rollbackTransaction = async ({ connections, transactions, switches }: Context, input: EndTransaction) => {
  await connections.of(input);
  await transactions.finish(input.transactionId, input, 'ROLLBACK');
  return { transactionStatus: switches.rollbackStatus };
};
