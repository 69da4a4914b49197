import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Statement } from '../migrations/bundle.ts';
import type { Work } from './apply.ts';
import { ask } from './call.ts';
import { verdictOf } from './data-api-error.ts';
import { clipped, doubtful, type Evidence, Sent } from './doubt.ts';
import { type Failure, Outcome } from './outcome.ts';
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
  const mark = `lockstep ${segment.statementTimeout} ${segment.id}#${segment.from + 1} ${randomUUID()}`;
  const step: Step = { session, database, segment: { ...segment, mark }, statement, work };
  const began = await begin(step);
  if (began.outcome === 'recover') return recover(step, began);
  if (began.outcome !== 'go') return Outcome.parse(began);
  // Whoever was asleep so long may have been declared dead, and others be at work: nothing in the database would stop it.
  if (work.remaining() <= 0) return { migration: segment.id, outcome: 'running' };
  return send(step, began.before);
};

type Step = {
  session: Session;
  database: Database;
  segment: Segment & { mark: string };
  statement: Statement;
  work: Work;
};

const Announced = z.object({
  migration: z.string(),
  outcome: z.enum(['go', 'recover']),
  before: IndexState,
  sent: Sent,
  now: z.string(),
  serverStarted: z.string(),
});

const Began = z.union([Announced, Outcome]);

/** The intent counts as live until its sender is surely dead: a Lambda can't send anything after its deadline. */
const begin = async ({ session, database, segment, statement, work: { run, token, remaining } }: Step) => {
  const sql = `SELECT lockstep.begin_step(CAST(:segment AS jsonb) || jsonb_build_object('before', ${indexState}), :run, :token, CAST(:deadline AS numeric))`;
  const deadline = String(Math.ceil(remaining() / 1000) + 5);
  const announced = JSON.stringify({ ...segment, text: clipped(statement.sql, 2_000) });
  const parameters = { segment: announced, run, token, deadline, ...indexParameters(statement.settles) };
  return Began.parse(await ask(session, database, sql, parameters, remaining));
};

const send = async (step: Step, before: IndexState): Promise<Outcome> => {
  const { session, database, segment, statement, work } = step;
  const migration = segment.id;
  const since = performance.now();
  try {
    await session.execute(database, `/* ${segment.mark} */ ${statement.wire ?? statement.sql}`);
  } catch (error) {
    const verdict = verdictOf(error);
    // Still at work, or nobody knows: the intent stays, and the next call finds out.
    if (verdict.verdict === 'running') return leave(step);
    if (verdict.verdict === 'unknown') return { migration, outcome: 'running' };
    const failure =
      verdict.verdict === 'database'
        ? { statement: segment.from + 1, sqlstate: verdict.sqlstate, ...told(statement, verdict.message) }
        : null;
    if (!(await cleared(step, before))) return leave(step);
    await note(step, 'withdraw_step', failure);
    if (failure === null && verdict.verdict === 'refused') throw error;
    return failure === null ? { migration, outcome: 'busy' } : { migration, outcome: 'failed', run: work.run, failure };
  }
  return end(step, performance.now() - since);
};

/** False when what clears away takes longer than a call may, and goes on. */
const cleared = async (step: Step, before: IndexState): Promise<boolean> => {
  try {
    await clearAway(step.session, step.database, step, before, step.work.remaining);
    return true;
  } catch (error) {
    if (verdictOf(error).verdict === 'running') return false;
    throw error;
  }
};

/** What was sent goes on by itself. Nothing is lost when that can't be told: the deadline comes. */
const leave = async ({ session, database, segment, work: { token, remaining } }: Step): Promise<Outcome> => {
  const sql = 'SELECT lockstep.leave_step(CAST(:segment AS jsonb), :token)';
  await ask(session, database, sql, { segment: JSON.stringify(segment), token }, remaining).catch(() => {});
  return { migration: segment.id, outcome: 'running' };
};

/** A block or a procedure that commits on its way leaves what it has committed. */
const told = ({ kind }: Statement, message: string) =>
  kind === 'DoStmt' || kind === 'CallStmt'
    ? { message: `${message}; what it had committed before that stands, and the next run sends it anew`, partial: true }
    : { message };

const Standing = z.object({ step: z.number(), state: z.string(), run: z.string() });

const end = async ({ session, database, segment, work }: Step, milliseconds: number): Promise<Outcome> => {
  const { token, remaining } = work;
  const sql = 'SELECT lockstep.end_step(CAST(:segment AS jsonb), CAST(:milliseconds AS numeric), :token)';
  const parameters = { segment: JSON.stringify(segment), milliseconds: milliseconds.toFixed(1), token };
  const { step, state, run } = Standing.parse(await ask(session, database, sql, parameters, remaining));
  const done = step > segment.from || state === (segment.direction === 'up' ? 'applied' : 'reverted');
  return done
    ? { migration: segment.id, outcome: 'applied', run, milliseconds }
    : { migration: segment.id, outcome: 'running' };
};

const note = (
  { session, database, segment, work: { token, remaining } }: Step,
  by: 'withdraw_step' | 'doubt_step',
  failure: z.input<typeof Failure> | null,
) => {
  const sql = `SELECT lockstep.${by}(CAST(:segment AS jsonb), CAST(:failure AS jsonb), :token)`;
  const parameters = { segment: JSON.stringify(segment), failure: JSON.stringify(failure), token };
  return ask(session, database, sql, parameters, remaining);
};

/** Nobody is at work on the step any more, and nobody wrote down how it ended: the catalog tells. */
const recover = async (
  step: Step,
  { before, sent, now, serverStarted }: z.infer<typeof Announced>,
): Promise<Outcome> => {
  const { session, database, segment, statement, work } = step;
  const found = await probe(session, database, statement, before, work.remaining);
  if (found.verdict === 'done') return end(step, 0);
  if (found.verdict === 'not done') {
    if (!(await cleared(step, before))) return leave(step);
    await note(step, 'withdraw_step', null);
    return takeStep(session, database, { segment, statement }, work);
  }
  const evidence: Evidence = { sent, lookedAt: now, serverStarted, before, now: found.now };
  const failure = { statement: sent.statement, sqlstate: '', message: doubtful(evidence), evidence };
  await note(step, 'doubt_step', failure);
  return { migration: segment.id, outcome: 'in doubt', run: work.run, failure };
};
