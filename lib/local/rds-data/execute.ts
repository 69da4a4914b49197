import { AwsError } from '../protocol/aws-error.ts';
import type { Context } from './context.ts';
import { type Deadline, startDeadline, within } from './deadline.ts';
import { bind } from './parameters.ts';
import { scan } from './placeholders.ts';
import type { Pool } from './pool.ts';
import type { ExecuteStatement } from './request.ts';
import { executeResult, resultBytes } from './result.ts';
import { checkSemicolons } from './semicolons.ts';
import type { Login, Session } from './session.ts';

/** ExecuteStatement. */
export const executeStatement = async (context: Context, input: ExecuteStatement) => {
  const { limits, switches, connections, transactions } = context;
  const deadline = startDeadline(limits, switches, input.continueAfterTimeout === true && !input.transactionId);
  try {
    const { pool, login } = await connections.of(input);
    const scanned = scan(input.sql, switches);
    checkSemicolons(scanned, input.sql, switches);
    const bound = bind(scanned.names, input.parameters ?? [], switches);
    const work = async (session: Session) =>
      executeResult(
        session,
        await session.run(scanned.text, bound, resultBytes(input, limits)),
        input,
        limits,
        switches,
      );
    if (!input.transactionId) return await outside(context, pool, login, deadline, input, work);

    checkDatabase(transactions.database(input.transactionId, input), input.database);
    const mayContinue = continuesInTransaction(input, context);
    const left = mayContinue || switches.transactionAfterTimeout === 'running';
    let used: Session | undefined;
    const timed = await transactions.use(
      input.transactionId,
      input,
      (session) => {
        used = session;
        return within(deadline, session, work(session), left);
      },
      mayContinue,
    );
    if (timed.finished) return timed.result;
    throw deadline.error(used, left);
  } finally {
    deadline.clear();
  }
};

type Work<Result> = (session: Session) => Promise<Result>;

const outside = async <Result>(
  { clock, switches }: Context,
  pool: Pool,
  login: Login,
  deadline: Deadline,
  { sql, continueAfterTimeout }: ExecuteStatement,
  work: Work<Result>,
) => {
  const session = await pool.take(login, deadline.signal);
  const implicit = switches.procedureCommit === 'refused' && /^\s*call\b/i.test(sql);
  const timed = await within(
    deadline,
    session,
    implicit ? inTransaction(session, work) : work(session),
    continueAfterTimeout === true,
  ).catch((error: unknown) => {
    void pool.give(session);
    throw error;
  });
  if (timed.finished) {
    // The caller needn't wait until the session is clean again.
    void pool.give(session);
    return timed.result;
  }
  // It goes on, in real time, though nobody waits for it.
  void clock.busy(timed.rest).then(() => pool.give(session));
  throw deadline.error(session);
};

/** Runs it in a transaction of its own; a failed one is rolled back when the session is given back. */
export const inTransaction = async <Result>(session: Session, work: Work<Result>) => {
  await session.run('BEGIN');
  const result = await work(session);
  await session.run('COMMIT');
  return result;
};

export const checkDatabase = (transactions: string, called: string | null | undefined) => {
  if (called && called !== transactions)
    throw new AwsError('ValidationException', 'Database name is not the same as transaction');
};

const continuesInTransaction = ({ continueAfterTimeout }: ExecuteStatement, { switches }: Context) => {
  if (!continueAfterTimeout || switches.continueAfterTimeoutInTransaction === 'ignored') return false;
  if (switches.continueAfterTimeoutInTransaction === 'accepted') return true;
  throw new AwsError('ValidationException', 'continueAfterTimeout is not supported together with a transactionId');
};
