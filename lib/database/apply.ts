import * as z from 'zod';
import type { Migration } from '../migrations/bundle.ts';
import { ask, databaseError, patiently } from './call.ts';
import { verdictOf } from './data-api-error.ts';
import { Fenced, HistoryConflict } from './failures.ts';
import { Outcome } from './outcome.ts';
import { install } from './schema.ts';
import { type Part, parts, type Segment } from './segments.ts';
import type { Database, Session } from './session.ts';
import { takeStep } from './step.ts';

/** Why a migration failed: the statement's 1-based number in its migration, and what PostgreSQL said. */
export type StatementFailure = { migration: string; statement: number | null; sqlstate: string; message: string };

/**
 * How far a database has come. `running` means that a statement is still at work, or that somebody else is: nothing is
 * wrong, ask again later. `applied` lists what this run has applied, in this and in earlier calls.
 */
export type Progress = {
  state: 'applied' | 'running' | 'failed';
  applied: string[];
  milliseconds: number;
  failure: StatementFailure | null;
};

export type Work = {
  migrations: Migration[];
  /** Number of migrations, from the first on, that the database was found to have. */
  from: number;
  run: string;
  token: number;
  /** PostgreSQL's notation: `5s`. */
  lockTimeout: string;
  /** Whether Lockstep's schema is known to stand there; if not, it is installed first. */
  installed: boolean;
  /** Milliseconds until the caller is ended. */
  remaining: () => number;
};

/**
 * Brings a database to the newest migration. May be called again at any time, by anyone, after any failure:
 * the database itself knows what it has.
 */
export const apply = async (session: Session, database: Database, work: Work): Promise<Progress> => {
  const progress: Progress = { state: 'applied', applied: [], milliseconds: 0, failure: null };
  if (!work.installed && !(await installed(session, database, work))) return { ...progress, state: 'running' };
  for (const part of parts(work.migrations, work)) {
    const outcomes = await carryOut(session, database, part, work);
    for (const outcome of outcomes) {
      if (!settle(progress, outcome, database, work.run)) return progress;
    }
  }
  return progress;
};

const carryOut = (session: Session, database: Database, part: Part, work: Work): Promise<Outcome[]> =>
  part.kind === 'step'
    ? takeStep(session, database, part, work).then((outcome) => [outcome])
    : runSegments(session, database, part.segments, work);

/** Adds one outcome to the progress; false when the work ends with it. */
const settle = (progress: Progress, it: Outcome, { database }: Database, run: string): boolean => {
  switch (it.outcome) {
    case 'applied':
    case 'already applied':
      // A migration of several segments is told of several times; what other runs applied is not ours to claim.
      if (it.run === run && !progress.applied.includes(it.migration)) progress.applied.push(it.migration);
      progress.milliseconds += it.run === run ? (it.milliseconds ?? 0) : 0;
      return true;
    case 'busy':
    case 'running':
      progress.applied = progress.applied.filter((id) => id !== it.migration);
      progress.state = 'running';
      return false;
    case 'failed': {
      const { statement = null, sqlstate = '', message = '' } = it.failure ?? {};
      progress.applied = progress.applied.filter((id) => id !== it.migration);
      progress.state = 'failed';
      progress.failure = { migration: it.migration, statement, sqlstate, message };
      return false;
    }
    case 'fenced':
      throw new Fenced({ database, by: it.by ?? 'an unknown run' });
    case 'edited':
      throw new HistoryConflict({
        database,
        migration: it.migration,
        reason: 'was applied there with another content. Add a new migration instead of editing it.',
      });
    case 'out of order':
      throw new HistoryConflict({
        database,
        migration: it.migration,
        reason: `can't follow ${it.head ?? 'an empty history'}. Make a new plan.`,
      });
  }
};

/** False while somebody else is installing. */
const installed = async (session: Session, database: Database, { remaining }: Work): Promise<boolean> => {
  try {
    await patiently(() => session.execute(database, install()), database, remaining);
    return true;
  } catch (error) {
    if (databaseError(error)?.sqlstate === '55P03') return false;
    throw error;
  }
};

const runSegments = async (
  session: Session,
  database: Database,
  segments: Segment[],
  work: Work,
): Promise<Outcome[]> => {
  const { run, token, remaining } = work;
  const sql = 'CALL lockstep.run(CAST(:segments AS jsonb), :run, :token, NULL)';
  try {
    return z
      .array(Outcome)
      .parse(await ask(session, database, sql, { segments: JSON.stringify(segments), run, token }, remaining));
  } catch (error) {
    if (verdictOf(error).verdict === 'running') return [{ migration: segments[0]!.id, outcome: 'running' }];
    // Invalid transaction termination: COMMIT is not allowed where the Data API runs us, and nothing has happened.
    if (databaseError(error)?.sqlstate === '2D000') return oneByOne(session, database, segments, work);
    throw error;
  }
};

const oneByOne = async (
  session: Session,
  database: Database,
  segments: Segment[],
  { run, token, remaining }: Work,
): Promise<Outcome[]> => {
  const sql = 'SELECT lockstep.apply(CAST(:segment AS jsonb), :run, :token)';
  const outcomes: Outcome[] = [];
  for (const segment of segments) {
    const outcome = Outcome.parse(
      await ask(session, database, sql, { segment: JSON.stringify(segment), run, token }, remaining),
    );
    outcomes.push(outcome);
    if (outcome.outcome !== 'applied' && outcome.outcome !== 'already applied') break;
  }
  return outcomes;
};
