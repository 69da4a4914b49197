import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Statement } from '../migrations/bundle.ts';
import type { Work } from './apply.ts';
import { ask } from './call.ts';
import { verdictOf } from './data-api-error.ts';
import { Outcome } from './outcome.ts';
import type { Segment } from './segments.ts';
import type { Database, Session } from './session.ts';
import { clearAway, IndexState, indexParameters, indexState, probe } from './settlement.ts';

/**
 * Takes one step of a stepwise migration: a statement that PostgreSQL won't run in a transaction, so that its effect
 * and the word of it can't be one. An intent is written down before it and a note of its end after it; whoever finds
 * an intent without its end waits until nobody can still be at work on it, and then looks at the catalog.
 */
export const takeStep = async (
  session: Session,
  database: Database,
  { segment, statement }: { segment: Segment; statement: Statement },
  work: Work,
): Promise<Outcome> => {
  const migration = segment.id;
  const allowed = segment.statementTimeout;
  const mark = `lockstep ${allowed} ${migration}#${segment.from + 1} ${randomUUID()}`;
  const began = await begin(session, database, { ...segment, mark }, statement, work);
  if (began.outcome === 'intent') {
    if (began.backend || began.live) return { migration, outcome: 'running' };
    return recover(session, database, { segment, statement }, began.before, work);
  }
  if (began.outcome !== 'go') return Outcome.parse(began);

  const since = performance.now();
  try {
    await session.execute(database, `/* ${mark} */ ${statement.wire ?? statement.sql}`);
  } catch (error) {
    const verdict = verdictOf(error);
    // Still at work, or nobody knows: the intent stays, and the next call finds out.
    if (verdict.verdict === 'running' || verdict.verdict === 'unknown') return { migration, outcome: 'running' };
    const failure =
      verdict.verdict === 'database'
        ? { statement: segment.from + 1, sqlstate: verdict.sqlstate, message: verdict.message }
        : null;
    await clearAway(session, database, statement, began.before, work.remaining);
    await withdraw(session, database, segment, failure, work);
    if (failure === null && verdict.verdict === 'refused') throw error;
    return failure === null ? { migration, outcome: 'busy' } : { migration, outcome: 'failed', run: work.run, failure };
  }
  return end(session, database, segment, performance.now() - since, work);
};

const Began = z.union([
  z.object({ migration: z.string(), outcome: z.literal('go'), before: IndexState }),
  z.object({
    migration: z.string(),
    outcome: z.literal('intent'),
    live: z.boolean(),
    backend: z.number().nullable(),
    before: IndexState,
  }),
  Outcome,
]);

/** The intent counts as live until its sender is surely dead: a Lambda can't send anything after its deadline. */
const begin = async (
  session: Session,
  database: Database,
  segment: Segment & { mark: string },
  { settles }: Statement,
  { run, token, remaining }: Work,
) => {
  const sql = `SELECT lockstep.begin_step(CAST(:segment AS jsonb) || jsonb_build_object('before', ${indexState}), :run, :token, CAST(:deadline AS numeric))`;
  const deadline = String(Math.ceil(remaining() / 1000) + 5);
  const parameters = { segment: JSON.stringify(segment), run, token, deadline, ...indexParameters(settles) };
  return Began.parse(await ask(session, database, sql, parameters, remaining));
};

const end = async (
  session: Session,
  database: Database,
  segment: Segment,
  milliseconds: number,
  { run, token, remaining }: Work,
): Promise<Outcome> => {
  const sql = 'SELECT lockstep.end_step(CAST(:segment AS jsonb), CAST(:milliseconds AS numeric), :token)';
  const parameters = { segment: JSON.stringify(segment), milliseconds: milliseconds.toFixed(1), token };
  await ask(session, database, sql, parameters, remaining);
  return { migration: segment.id, outcome: 'applied', run, milliseconds };
};

const withdraw = (
  session: Session,
  database: Database,
  segment: Segment,
  failure: Outcome['failure'] | null,
  { token, remaining }: Work,
) => {
  const sql = 'SELECT lockstep.withdraw_step(CAST(:segment AS jsonb), CAST(:failure AS jsonb), :token)';
  const parameters = { segment: JSON.stringify(segment), failure: JSON.stringify(failure), token };
  return ask(session, database, sql, parameters, remaining);
};

/** Nobody is at work on the step any more, and nobody wrote down how it ended: the catalog tells. */
const recover = async (
  session: Session,
  database: Database,
  { segment, statement }: { segment: Segment; statement: Statement },
  before: IndexState,
  work: Work,
): Promise<Outcome> => {
  const found = await probe(session, database, statement, before, work.remaining);
  if (found === 'done') return end(session, database, segment, 0, work);
  if (found === 'not done') {
    await clearAway(session, database, statement, before, work.remaining);
    await withdraw(session, database, segment, null, work);
    return takeStep(session, database, { segment, statement }, work);
  }
  const failure = {
    statement: segment.from + 1,
    sqlstate: '',
    message:
      'in doubt: the call that carried it was lost and the catalog does not show whether it ran. Look at the database, then mend the file so that it can be run again.',
  };
  await withdraw(session, database, segment, failure, work);
  return { migration: segment.id, outcome: 'failed', run: work.run, failure };
};
