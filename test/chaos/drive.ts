import { setTimeout as sleep } from 'node:timers/promises';
import { apply, type Progress, type Work } from '../../lib/database/apply.ts';
import type { Session } from '../../lib/database/session.ts';
import { Died } from './caller.ts';
import type { Arena } from './ground.ts';
import type { History } from './history.ts';

/** How one call of the engine ended, from outside: whoever hears `again` calls again, as the workflow does. */
export type Ending = { state: 'applied' | 'again' | 'died' | 'fenced' } | { state: 'wrong'; why: string };

/** Takes a database to a history's end, or tells how it couldn't. */
export type Executor = (arena: Arena, session: Session, history: History, work?: Partial<Work>) => Promise<Ending>;

/** One call of the engine, as the Lambda makes it. */
export const engine: Executor = async (_, session, { migrations }, work = {}) => {
  const { database } = _;
  try {
    const progress = await apply(session, database, {
      ...{ migrations, from: 0, installed: false, run: 'run-1', token: 1 },
      ...{ lockTimeout: '2s', statementTimeout: 0, lockPatience: 10_000, remaining: () => 60_000 },
      ...work,
    });
    return endingOf(progress);
  } catch (error) {
    return endingOfError(error);
  }
};

const endingOf = ({ state, failure }: Progress): Ending => {
  if (state === 'applied') return { state };
  if (state === 'running' || EXCUSED.has(failure?.sqlstate ?? '')) return { state: 'again' };
  return {
    state: 'wrong',
    why: `${failure?.migration}#${failure?.statement} ${failure?.sqlstate} ${failure?.message}`,
  };
};

/** What killed sessions, changed passwords and locks of other callers explain. */
const EXCUSED = new Set(['57P01', '28P01', '55P03', '40P01', '40001']);

const endingOfError = (error: unknown): Ending => {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Died) return { state: 'died' };
  const { name, message } = error as Error;
  if (name === 'Fenced') return { state: 'fenced' };
  const sqlstate = /SQLState: (\w{5})/.exec(message)?.[1] ?? '';
  // The Lambda fails, and the workflow calls again.
  if (name === 'DatabaseUnreachable' || EXCUSED.has(sqlstate)) return { state: 'again' };
  return { state: 'wrong', why: `${name}: ${message}` };
};

/** Undisturbed callers end the work, one after another. Null when it is done, otherwise what is wrong. */
export const finish = async (
  arena: Arena,
  history: History,
  executor: Executor,
  work: Partial<Work> = {},
): Promise<string | null> => {
  for (let attempt = 1; attempt <= 40; attempt += 1) {
    await outlive(arena);
    const ending = await executor(arena, arena.direct, history, work);
    if (ending.state === 'applied') return null;
    if (ending.state === 'wrong') return ending.why;
    if (ending.state === 'fenced') return 'fenced by nobody';
    await sleep(5 * attempt);
  }
  return 'not done after 40 calls';
};

/**
 * Puts the deadline of an intent into the past, as if the time had gone by in which its sender may still send it:
 * what was sent and is at work stays what it is.
 */
const outlive = async (arena: Arena) => {
  const sent = arena.leftovers.size === 0 ? 'true' : 'false';
  const atWork = `EXISTS (SELECT FROM pg_stat_activity a WHERE a.state = 'active' AND starts_with(a.query, '/* ' || (h.intent ->> 'mark')))`;
  await arena.direct
    .execute(
      arena.database,
      `UPDATE lockstep.history h SET intent = jsonb_set(h.intent, '{deadline}', to_jsonb(now() - interval '1 second'))
        WHERE h.intent IS NOT NULL AND (${sent} OR ${atWork})`,
    )
    .catch(() => {});
};
