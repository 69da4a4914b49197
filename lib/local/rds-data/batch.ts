import { AwsError } from '../protocol/aws-error.ts';
import type { Context } from './context.ts';
import { startDeadline, within } from './deadline.ts';
import { checkDatabase, inTransaction } from './execute.ts';
import { bind } from './parameters.ts';
import { scan } from './placeholders.ts';
import type { BatchExecuteStatement } from './request.ts';
import { checkSemicolons } from './semicolons.ts';
import type { Session } from './session.ts';

/** BatchExecuteStatement: the statement once per set of parameters. What rows it yields, nobody gets to see. */
export const batchExecuteStatement = async (context: Context, input: BatchExecuteStatement) => {
  const { limits, switches, connections, transactions } = context;
  const deadline = startDeadline(limits, switches);
  try {
    const { pool, login } = await connections.of(input);
    const scanned = scan(input.sql, switches);
    checkSemicolons(scanned, input.sql, switches);
    if (scanned.endsInSemicolon && switches.batchSemicolon === 'refused') {
      throw new AwsError(
        'ValidationException',
        "Don't include a semicolon (;) at the end of the SQL statement of a batch.",
      );
    }
    const sets = (input.parameterSets ?? []).map((parameters) => bind(scanned.names, parameters, switches));
    if (sets.length === 0) {
      throw new AwsError(
        'ValidationException',
        'A batch needs parameterSets; for a statement without parameters, one or more empty sets.',
      );
    }
    const work = async (session: Session) => {
      for (const set of sets) {
        // What is late must not go on with the next set after the current one was cancelled.
        if (deadline.signal.aborted) throw deadline.error(session);
        await session.run(scanned.text, set, limits.responseBytes);
      }
    };
    const answer = { updateResults: sets.map(() => ({ generatedFields: [] })) };
    if (input.transactionId) {
      checkDatabase(transactions.database(input.transactionId, input), input.database);
      let used: Session | undefined;
      const left = switches.transactionAfterTimeout === 'running';
      const run = (session: Session) => {
        used = session;
        return within(deadline, session, work(session), left);
      };
      const timed = await transactions.use(input.transactionId, input, run, false);
      if (timed.finished) return answer;
      throw deadline.error(used);
    }
    const session = await pool.take(login, deadline.signal);
    const run = switches.batch === 'atomic' ? inTransaction(session, work) : work(session);
    const timed = await within(deadline, session, run, false).catch((error: unknown) => {
      void pool.give(session);
      throw error;
    });
    void (timed.finished ? Promise.resolve() : timed.rest).then(() => pool.give(session));
    if (timed.finished) return answer;
    throw deadline.error(session);
  } finally {
    deadline.clear();
  }
};
