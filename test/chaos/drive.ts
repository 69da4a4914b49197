import { setTimeout as sleep } from 'node:timers/promises';
import { apply, type Progress, type Work } from '../../lib/database/apply.ts';
import { session } from '../../lib/database/session.ts';
import { Died } from './caller.ts';
import type { Arena } from './ground.ts';
import type { History } from './history.ts';
import type { Client } from './transport.ts';

/** How one call of the engine ended, from outside: whoever hears `again` calls again, as the workflow does. */
export type Ending = { state: 'applied' | 'died' | 'fenced' } | { state: 'again' | 'wrong'; why: string };

/** What takes databases to a history's end. */
export type Executor = {
  /** One call of it, as a Lambda makes it. */
  bring(arena: Arena, client: Client, history: History, work?: Partial<Work>): Promise<Ending>;
  /** Ids of the migrations that it holds for applied, and whose rows in its history are complete. */
  applied(arena: Arena, history: Pick<History, 'migrations'>): Promise<string[]>;
};

const bring: Executor['bring'] = async ({ database }, client, { migrations }, work = {}) => {
  try {
    const progress = await apply(session(client), database, {
      ...{ migrations, pending: migrations.map(({ id }) => id), installed: false, run: 'run-1', token: 1 },
      ...{ lockTimeout: '2s', statementTimeout: 0, lockPatience: 10_000, remaining: () => 600_000 },
      ...work,
    });
    return endingOf(progress);
  } catch (error) {
    return endingOfError(error);
  }
};

/** Lockstep's own. */
export const engine: Executor = {
  bring,
  applied: async ({ direct, database }, { migrations }) => {
    const { records } = await session(direct).execute(
      database,
      `SELECT migration, step FROM lockstep.history
        WHERE state = 'applied' AND intent IS NULL AND failure IS NULL AND finished_at >= started_at`,
    );
    const steps = new Map(migrations.map(({ id, up }) => [id, up.length]));
    return records
      .filter(([id, step]) => steps.get(id!.stringValue!) === step!.longValue)
      .map(([id]) => id!.stringValue!);
  },
};

const endingOf = ({ state, failure, waiting }: Progress): Ending => {
  if (state === 'applied') return { state };
  if (state === 'running') return { state: 'again', why: `running ${JSON.stringify(waiting)}` };
  const why = `${failure?.migration}#${failure?.statement} ${failure?.sqlstate} ${failure?.message}`;
  return { state: EXCUSED.has(failure?.sqlstate ?? '') ? 'again' : 'wrong', why };
};

/** What killed sessions, changed passwords and locks of other callers explain. */
const EXCUSED = new Set(['57P01', '28P01', '55P03', '40P01', '40001']);
const PASSING = new Set(['DatabaseUnreachable', 'StatementTimeoutException']);

const endingOfError = (error: unknown): Ending => {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Died) return { state: 'died' };
  const { name, message } = error as Error;
  if (name === 'Fenced') return { state: 'fenced' };
  const sqlstate = /SQLState: (\w{5})/.exec(message)?.[1] ?? '';
  // The Lambda fails, and the workflow calls again.
  return {
    state: PASSING.has(name) || EXCUSED.has(sqlstate) ? 'again' : 'wrong',
    why: `${name}: ${message}`,
  };
};

/** Undisturbed callers end the work, one after another. Null when it is done, otherwise what is wrong. */
export const finish = async (
  arena: Arena,
  history: History,
  executor: Executor,
  work: Partial<Work> = {},
): Promise<string | null> => {
  let last = '';
  for (let attempt = 1; attempt <= 40; attempt += 1) {
    await outlive(arena);
    const ending = await executor.bring(arena, arena.direct, history, work);
    if (ending.state === 'applied') return null;
    if (ending.state === 'wrong') return ending.why;
    if (ending.state === 'fenced') return 'fenced by nobody';
    last = 'why' in ending ? ending.why : ending.state;
    await sleep(5 * attempt);
  }
  return `not done after 40 calls: ${last}`;
};

/**
 * Puts the deadline of an intent into the past, as if the time had gone by in which its sender may still send it:
 * what was sent and is at work stays what it is.
 */
export const outlive = async (arena: Arena) => {
  const sent = arena.leftovers.size === 0 ? 'true' : 'false';
  const atWork = `EXISTS (SELECT FROM pg_stat_activity a WHERE a.state = 'active' AND starts_with(a.query, '/* ' || (h.intent ->> 'mark')))`;
  await session(arena.direct)
    .execute(
      arena.database,
      `UPDATE lockstep.history h SET intent = jsonb_set(h.intent, '{deadline}', to_jsonb(now() - interval '1 second'))
        WHERE h.intent IS NOT NULL AND (${sent} OR ${atWork})`,
    )
    .catch(() => {});
};
