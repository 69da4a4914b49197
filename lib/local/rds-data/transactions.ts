import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Timed } from './deadline.ts';
import type { Limits } from './limits.ts';
import type { Pool } from './pool.ts';
import type { Session } from './session.ts';
import type { Switches } from './switches.ts';

/** Whose a transaction is: calls with its id must come with the same. */
export type Owner = { resourceArn: string; secretArn: string; database: string };

type Transaction = Owner & {
  id: string;
  session: Session;
  pool: Pool;
  began: number;
  running: boolean;
  rest: AbortController;
};

/** The open transactions, each with a session of its own. */
export const transactionTable = (clock: Clock, limits: Limits, switches: Switches) => {
  const open = new Map<string, Transaction>();
  const ended = new Map<string, string>();

  /** Takes the id out of use; the session goes back once the database is done with it. */
  const end = (transaction: Transaction, cause: string) => {
    open.delete(transaction.id);
    transaction.rest.abort();
    ended.set(transaction.id, cause);
    if (ended.size > REMEMBERED) ended.delete(ended.keys().next().value!);
  };
  const giveBack = ({ pool, session }: Transaction) => pool.give(session, switches.sessionAfterTransaction === 'kept');
  /** Rolls back when nobody calls in time, or when its life is over. */
  const watch = (transaction: Transaction) => {
    transaction.rest = new AbortController();
    const left = transaction.began + limits.transactionLifeMilliseconds - clock.now().getTime();
    const expire = async () => {
      end(transaction, EXPIRED);
      await giveBack(transaction);
    };
    clock
      .sleep(Math.min(left, limits.transactionIdleMilliseconds), transaction.rest.signal)
      .then(expire, () => undefined);
  };
  const find = (id: string, { resourceArn, secretArn }: Omit<Owner, 'database'>) => {
    const transaction = open.get(id);
    const isOurs = transaction?.resourceArn === resourceArn && transaction.secretArn === secretArn;
    if (!transaction || !isOurs) return undefined;
    if (transaction.running) throw new AwsError('DatabaseErrorException', 'Transaction is still running a query');
    return transaction;
  };
  const notFound = (id: string, name = 'TransactionNotFoundException') =>
    new AwsError(name, switches.transactionNotFoundMessage(id, ended.get(id) ?? EXPIRED), 404);
  const busy = (transaction: Transaction) => {
    transaction.running = true;
    transaction.rest.abort();
  };
  const idle = (transaction: Transaction) => {
    transaction.running = false;
    if (transaction.session.alive()) return watch(transaction);
    end(transaction, ABORTED);
    void giveBack(transaction);
  };

  return {
    begin: async (owner: Owner, pool: Pool, session: Session) => {
      await session.run('BEGIN');
      const id = randomBytes(96).toString('base64');
      const transaction: Transaction = {
        ...owner,
        id,
        session,
        pool,
        began: clock.now().getTime(),
        running: false,
        rest: new AbortController(),
      };
      open.set(id, transaction);
      watch(transaction);
      return id;
    },
    /** The one database a transaction is in. @throws TransactionNotFoundException, DatabaseErrorException when it is busy */
    database: (id: string, owner: Omit<Owner, 'database'>) => {
      const transaction = find(id, owner);
      if (!transaction) throw notFound(id);
      return transaction.database;
    },
    /** Runs something on the transaction's session. What is late ends the transaction or leaves it busy, as switched. */
    use: async <Result>(
      id: string,
      owner: Omit<Owner, 'database'>,
      work: (session: Session) => Promise<Timed<Result>>,
      mayContinue: boolean,
    ) => {
      const transaction = find(id, owner);
      if (!transaction) throw notFound(id);
      busy(transaction);
      let timed: Timed<Result>;
      try {
        timed = await work(transaction.session);
      } catch (error) {
        idle(transaction);
        throw error;
      }
      if (timed.finished) idle(transaction);
      else if (switches.transactionAfterTimeout === 'terminated' && !mayContinue) {
        end(transaction, TERMINATED);
        void timed.rest.then(() => giveBack(transaction));
      } else void timed.rest.then(() => idle(transaction));
      return timed;
    },
    finish: async (id: string, owner: Omit<Owner, 'database'>, command: 'COMMIT' | 'ROLLBACK') => {
      const transaction = find(id, owner);
      if (!transaction) throw notFound(id, switches.endOfUnknownTransaction);
      busy(transaction);
      const failed = transaction.session.transactionStatus() === 'E';
      try {
        await transaction.session.run(command);
      } finally {
        end(transaction, EXPIRED);
        await giveBack(transaction);
      }
      if (failed && command === 'COMMIT' && switches.commitOfAbortedTransaction === 'error') {
        throw new AwsError(
          'DatabaseErrorException',
          'ERROR: current transaction is aborted, commands ignored until end of transaction block; SQLState: 25P02',
        );
      }
    },
    close: () => {
      for (const { rest } of open.values()) rest.abort();
      open.clear();
    },
  };
};

const REMEMBERED = 10_000;
const EXPIRED = 'Transaction may be expired.';
const TERMINATED = 'One previous call resulted in a termination of your transaction.';
const ABORTED = 'Transaction has been aborted due to an error from a previous call.';
