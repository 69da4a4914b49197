import { setTimeout as sleep } from 'node:timers/promises';
import type { Migration } from '../migrations/bundle.ts';
import { Fenced, HistoryConflict } from './failures.ts';
import type { Blocker, Outcome } from './outcome.ts';
import { installed, runSegments } from './run-segments.ts';
import { type Part, parts } from './segments.ts';
import type { Database, Session } from './session.ts';
import { takeStep } from './step.ts';
import { watch } from './watch.ts';

/** Why a migration failed: the statement's 1-based number in its migration, and what PostgreSQL said. */
export type StatementFailure = {
  migration: string | null;
  statement: number | null;
  sqlstate: string;
  message: string;
};

/** What is at work where a call left off: for people who wait. */
export type Waiting = {
  place: string;
  seconds: number;
  phase: string | null;
  percent: number | null;
  blockers: string[];
};

/**
 * How far a database has come. `running` means that a statement is still at work, or that somebody else is: nothing is
 * wrong, ask again later. `applied` lists what this run has applied, in this and in earlier calls.
 */
export type Progress = {
  state: 'applied' | 'running' | 'failed';
  applied: string[];
  milliseconds: number;
  failure: StatementFailure | null;
  waiting: Waiting | null;
};

export type Work = {
  migrations: Migration[];
  /** Number of migrations, from the first on, that the database was found to have. */
  from: number;
  run: string;
  token: number;
  /** Down takes back the first `from` migrations, newest first. @default up */
  direction?: 'up' | 'down';
  /** PostgreSQL's notation: `5s`. */
  lockTimeout: string;
  /** Milliseconds that a statement in a transaction may take; 0 for as long as it likes. */
  statementTimeout: number;
  /** Milliseconds during which what others' locks prevent is tried again. */
  lockPatience: number;
  /** Whether Lockstep's schema is known to stand there; if not, it is installed first. */
  installed: boolean;
  /** Milliseconds until the caller is ended. */
  remaining: () => number;
};

/**
 * Brings a database to the newest migration, or back. May be called again at any time, by anyone, after any failure:
 * the database itself knows what it has.
 */
export const apply = async (session: Session, database: Database, work: Work): Promise<Progress> => {
  const progress: Progress = { state: 'applied', applied: [], milliseconds: 0, failure: null, waiting: null };
  if (!work.installed && !(await installed(session, database, work))) return { ...progress, state: 'running' };
  const until = Date.now() + work.lockPatience;
  let worked = false;
  for (const part of parts(work.migrations, work)) {
    // A call may take 45 s; what is left is for the next invocation. But each one gets on by something.
    if (worked && work.remaining() < 75_000) return { ...progress, state: 'running' };
    const outcomes = await retrying(() => carryOut(session, database, part, work), until, work.remaining);
    worked ||= outcomes.some(({ outcome }) => outcome === 'applied');
    for (const outcome of outcomes) {
      if (settle(progress, outcome, database, work.run)) continue;
      if (progress.state === 'running') progress.waiting = await whatIsAtWork(session, database, work);
      return progress;
    }
  }
  return progress;
};

/** Others' locks, deadlocks with them, and conflicts with what they wrote pass: tried again, ever less often. */
const retrying = async (
  attempt: () => Promise<Outcome[]>,
  until: number,
  remaining: () => number,
): Promise<Outcome[]> => {
  for (let pause = 500; ; pause = Math.min(pause * 2, 8_000)) {
    const outcomes = await attempt();
    const { outcome, failure } = outcomes.at(-1) ?? {};
    const wait = pause * (0.5 + Math.random());
    const inVain = Date.now() + wait > until || remaining() < wait + 15_000;
    if (outcome !== 'failed' || !TRANSIENT.has(failure?.sqlstate ?? '') || inVain) return outcomes;
    await sleep(wait);
  }
};

/** lock_not_available, deadlock_detected, serialization_failure */
const TRANSIENT = new Set(['55P03', '40P01', '40001']);

const whatIsAtWork = async (session: Session, database: Database, { remaining }: Work): Promise<Waiting | null> => {
  const [first] = await watch(session, database, remaining).catch(() => []);
  if (!first) return null;
  const { place, seconds, phase, percent, blockers } = first;
  return { place, seconds, phase, percent, blockers };
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
      if (it.run !== run) return true;
      if (it.outcome === 'applied' || !progress.applied.includes(it.migration))
        progress.milliseconds += it.milliseconds ?? 0;
      if (!progress.applied.includes(it.migration)) progress.applied.push(it.migration);
      return true;
    case 'busy':
    case 'running':
      progress.applied = progress.applied.filter((id) => id !== it.migration);
      progress.state = 'running';
      return false;
    case 'failed': {
      const { statement = null, sqlstate = '', message = '', blockers } = it.failure ?? {};
      progress.applied = progress.applied.filter((id) => id !== it.migration);
      progress.state = 'failed';
      const held = (blockers ?? []).map(holder).join('; ');
      progress.failure = {
        migration: it.migration,
        statement,
        sqlstate,
        message: held ? `${message}; held then: ${held}` : message,
      };
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

const holder = (it: Blocker): string =>
  `${it.mode} on ${it.relation} by pid ${it.pid} (${it.application || 'no name'}, role ${it.role}, ${it.state} for ${it.seconds} s)`;
