import { setTimeout as sleep } from 'node:timers/promises';
import type { Check, Migration } from '../migrations/bundle.ts';
import { type Carried, carried } from './outcome.ts';
import { retried } from './retries.ts';
import { installed, runSegments } from './run-segments.ts';
import { type Cuts, type Integrity, mayBeCut, type Part, parts } from './segments.ts';
import type { Database, Session } from './session.ts';
import { settle } from './settle.ts';
import { takeStep } from './step.ts';
import { failing } from './verify.ts';
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
 * wrong, ask again later. `in doubt`: nobody knows whether a statement took effect; nothing is carried out there until
 * a person has resolved that, and `failure` tells the evidence and how. `applied` lists what this run has applied, in this and in earlier calls.
 */
export type Progress = {
  state: 'applied' | 'running' | 'failed' | 'in doubt';
  applied: string[];
  milliseconds: number;
  failure: StatementFailure | null;
  waiting: Waiting | null;
};

export type Work = {
  /** The whole bundle. */
  migrations: Migration[];
  /** Ids of those to be carried out: up, in the bundle's order; down, in the order in which they are taken back. */
  pending: string[];
  run: string;
  token: number;
  /** @default up */
  direction?: 'up' | 'down';
  /** PostgreSQL's notation: `5s`. */
  lockTimeout: string;
  /** Milliseconds that a statement in a transaction may take; 0 for as long as it likes. */
  statementTimeout: number;
  /** Milliseconds during which what others' locks prevent is tried again. */
  lockPatience: number;
  /** @default nothing is looked at */
  integrity?: Integrity;
  /** What must be true before anything is applied. */
  checks?: Check[];
  /** Whether Lockstep's schema is known to stand there; if not, it is installed first. */
  installed: boolean;
  /** Where migrations are cut because a call of this very work found them half done there. */
  cuts?: Cuts;
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
  const wrong = await unready(session, database, work);
  if (wrong.length > 0) {
    const message = `nothing was applied, since what must be true before is not: ${wrong.join('; ')}`;
    return { ...progress, state: 'failed', failure: { migration: null, statement: null, sqlstate: '', message } };
  }
  const until = Date.now() + work.lockPatience;
  let worked = false;
  for (const part of parts(work.migrations, work)) {
    // A call may take 45 s; what is left is for the next invocation. But each one gets on by something.
    if (worked && work.remaining() < 75_000) return unfinished(progress, part);
    const result = await retrying(() => carryOut(session, database, part, work), until, work.remaining);
    const cuts = cutsFor(result, work);
    if (cuts) return apply(session, database, { ...work, installed: true, cuts });
    worked ||= result.done.some(({ by }) => by === 'this call');
    if (settle(progress, result, database)) continue;
    if (progress.state === 'running') progress.waiting = await whatIsAtWork(session, database, work);
    return progress;
  }
  return progress;
};

/** Which of the checks do not hold that are due before this run begins here. */
const unready = async (session: Session, database: Database, { checks = [], run, ...work }: Work): Promise<string[]> =>
  work.direction === 'down' || work.cuts || work.pending.length === 0
    ? []
    : failing(session, database, checks, { due: 'before', unless: run, remaining: work.remaining });

/**
 * A file that was mended behind what is done of it may be cut elsewhere now, as where a statement that stood alone was
 * taken out. Undefined where nothing was found half done, or there is no cutting.
 */
const cutsFor = ({ stop }: Carried, { migrations, cuts }: Work): Cuts | undefined => {
  if (stop?.outcome !== 'half done' || stop.step == null) return undefined;
  const { migration, step } = stop;
  const { up } = migrations.find(({ id }) => id === migration)!;
  if (mayBeCut(up, step) && cuts?.[migration] !== step) return { ...cuts, [migration]: step };
  Object.assign(stop, { outcome: 'edited', why: 'session' });
  return undefined;
};

/** What is done of the next part's migration is not the whole of it. */
const unfinished = (progress: Progress, next: Part): Progress => {
  const { id } = next.kind === 'step' ? next.segment : next.segments[0]!;
  return { ...progress, state: 'running', applied: progress.applied.filter((it) => it !== id) };
};

/** Others' locks, deadlocks with them, and conflicts with what they wrote pass: tried again, ever less often. */
const retrying = async (attempt: () => Promise<Carried>, until: number, remaining: () => number): Promise<Carried> => {
  for (let pause = 500; ; pause = Math.min(pause * 2, 8_000)) {
    const result = await attempt();
    const { outcome, failure } = result.stop ?? {};
    const wait = pause * (0.5 + Math.random());
    const inVain = Date.now() + wait > until || remaining() < wait + 15_000;
    if (outcome !== 'failed' || !TRANSIENT.has(failure?.sqlstate ?? '') || failure?.partial || inVain) return result;
    retried();
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

const carryOut = async (session: Session, database: Database, part: Part, work: Work): Promise<Carried> =>
  part.kind === 'step'
    ? carried([await takeStep(session, database, part, work)], work.run)
    : runSegments(session, database, part.segments, work);
