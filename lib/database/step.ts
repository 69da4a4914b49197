import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Statement } from '../migrations/bundle.ts';
import type { Work } from './apply.ts';
import { ask, patiently } from './call.ts';
import { verdictOf } from './data-api-error.ts';
import { Outcome } from './outcome.ts';
import type { Segment } from './segments.ts';
import type { Database, Session } from './session.ts';

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
  const mark = `lockstep ${randomUUID()}`;
  const began = await begin(session, database, { ...segment, mark }, work);
  if (began.outcome === 'intent') {
    if (began.backend || began.live) return { migration, outcome: 'running' };
    return recover(session, database, { segment, statement }, work);
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
    await clearAway(session, database, statement, work);
    await withdraw(session, database, segment, failure, work);
    if (failure === null && verdict.verdict === 'refused') throw error;
    return failure === null ? { migration, outcome: 'busy' } : { migration, outcome: 'failed', run: work.run, failure };
  }
  return end(session, database, segment, performance.now() - since, work);
};

const Began = z.union([
  z.object({ migration: z.string(), outcome: z.literal('go') }),
  z.object({ migration: z.string(), outcome: z.literal('intent'), live: z.boolean(), backend: z.number().nullable() }),
  Outcome,
]);

/** The intent counts as live until its sender is surely dead: a Lambda can't send anything after its deadline. */
const begin = async (
  session: Session,
  database: Database,
  segment: Segment & { mark: string },
  { run, token, remaining }: Work,
) =>
  Began.parse(
    await ask(
      session,
      database,
      `SELECT lockstep.begin_step(CAST(:segment AS jsonb), :run, :token, CAST(:deadline AS numeric))`,
      { segment: JSON.stringify(segment), run, token, deadline: String(Math.ceil(remaining() / 1000) + 5) },
      remaining,
    ),
  );

const end = async (
  session: Session,
  database: Database,
  segment: Segment,
  milliseconds: number,
  work: Work,
): Promise<Outcome> => {
  await ask(
    session,
    database,
    'SELECT lockstep.end_step(:migration, CAST(:finished AS integer), CAST(:steps AS integer), CAST(:milliseconds AS numeric), :token)',
    {
      migration: segment.id,
      finished: segment.from + 1,
      steps: segment.steps,
      milliseconds: milliseconds.toFixed(1),
      token: work.token,
    },
    work.remaining,
  );
  return { migration: segment.id, outcome: 'applied', run: work.run, milliseconds };
};

const withdraw = (
  session: Session,
  database: Database,
  segment: Segment,
  failure: Outcome['failure'] | null,
  work: Work,
) =>
  ask(
    session,
    database,
    'SELECT lockstep.withdraw_step(:migration, CAST(:step AS integer), CAST(:failure AS jsonb), :token)',
    {
      migration: segment.id,
      step: segment.from,
      failure: JSON.stringify(failure),
      token: work.token,
    },
    work.remaining,
  );

/** Nobody is at work on the step any more, and nobody wrote down how it ended: the catalog tells. */
const recover = async (
  session: Session,
  database: Database,
  { segment, statement }: { segment: Segment; statement: Statement },
  work: Work,
): Promise<Outcome> => {
  const found = await probe(session, database, statement, work);
  if (found === 'done') return end(session, database, segment, 0, work);
  if (found === 'not done') {
    await clearAway(session, database, statement, work);
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

const probe = async (
  session: Session,
  database: Database,
  { settles }: Statement,
  { remaining }: Work,
): Promise<'done' | 'not done' | 'in doubt'> => {
  if (settles === undefined) return 'in doubt';
  if (settles.by === 'repeating') return 'not done';
  const valid = await ask(
    session,
    database,
    indexState,
    { schema: settles.schema ?? '', index: settles.index },
    remaining,
  );
  return (settles.by === 'index present' ? valid === true : valid === null) ? 'done' : 'not done';
};

/** null: no such index; otherwise whether it is valid. Existence proves nothing: a failed build leaves an invalid one. */
const indexState = `SELECT to_json((SELECT x.indisvalid FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = :index AND CASE WHEN :schema = '' THEN pg_table_is_visible(c.oid) ELSE n.nspname = :schema END))::text`;

/** A failed `CREATE INDEX CONCURRENTLY` leaves an invalid index, which the next try would trip over. */
const clearAway = async (
  session: Session,
  database: Database,
  { settles }: Statement,
  { remaining }: Work,
): Promise<void> => {
  if (settles?.by !== 'index present') return;
  const valid = await ask(
    session,
    database,
    indexState,
    { schema: settles.schema ?? '', index: settles.index },
    remaining,
  );
  if (valid !== false) return;
  const name = [settles.schema, settles.index]
    .filter((part) => part != null)
    .map(identifier)
    .join('.');
  await patiently(() => session.execute(database, `DROP INDEX CONCURRENTLY IF EXISTS ${name}`), database, remaining);
};

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
