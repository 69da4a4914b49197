import { setTimeout as sleep } from 'node:timers/promises';
import { ExecuteStatementCommand, type ExecuteStatementCommandInput } from '@aws-sdk/client-rds-data';
import type { Segment } from '../../lib/database/segments.ts';
import type { Arena } from './ground.ts';
import { type Client, type Command, through } from './transport.ts';

/** What befalls one caller. Calls are counted from 1. */
export type Fate = {
  /** It dies at this call: before it is sent, while it is carried out, or after it was. */
  death?: { call: number; when: 'before' | 'during' | 'after' };
  /** The database ends the session right before or after a statement (0-based) of a transaction. */
  kill?: { migration: string; statement: number; when: 'before' | 'after' };
  /** Called once a kill was sent. */
  killed?: () => void;
  /** It dies after the first call that none before it has made. */
  novelty?: Novelty;
  /**
   * The database ends the session while it carries out the n-th statement that is sent by itself; blocked: while that
   * waits for others, as building an index does; fatal: and the caller dies before it hears of it.
   */
  termination?: { nth: number; blocked: boolean; fatal?: boolean };
  /** The database ends whatever sessions are at work for us, so many milliseconds after this call was sent. */
  axe?: { call: number; milliseconds: number };
  /** It stands still before this call until it is woken. */
  sleep?: { call: number; until: Promise<void> };
  /** The secret is rotated before this call. */
  rotation?: number;
};

/** Calls that were made already, and whether a caller dies after the next one that wasn't. */
export type Novelty = { seen: Set<string>; strikes: () => boolean };

/**
 * A caller's client. A misfortune is counted once it has struck: a session's end when the call that it carried fails of
 * it, not when that was sent to a database where there was nothing left to do.
 */
export const fated = (arena: Arena, inner: Client, fate: Fate, struck: () => void): Client => {
  let calls = 0;
  let raws = 0;
  let dead = false;
  let { kill } = fate;
  const die = (): never => {
    struck();
    dead = true;
    throw new Died();
  };
  return through(inner, async (command, send) => {
    if (dead) throw new Died();
    calls += 1;
    const call = calls;
    const raw = command.input.sql?.startsWith('/* lockstep ') ?? false;
    if (raw) raws += 1;
    if (fate.sleep?.call === call) {
      struck();
      await fate.sleep.until;
      // Whoever sends a statement by itself was told until when it may: a Lambda that sleeps longer is dead.
      if (raw) return die();
    }
    if (fate.rotation === call) {
      struck();
      await arena.rotate();
    }
    const death = fate.death?.call === call ? fate.death.when : undefined;
    if (death === 'before') return die();
    const killing = kill && withKill(command, kill);
    if (killing) {
      kill = undefined;
      fate.killed?.();
    }
    const novel = !killing && fate.novelty && isNovel(fate.novelty, command);
    const axe = fate.axe?.call === call ? fate.axe : undefined;
    const answer =
      raw && fate.termination?.nth === raws
        ? terminated(arena, () => send(command), command.input.sql!, fate.termination.blocked, struck)
        : send(killing ?? command);
    const cut = killing || axe ? answer.then(() => false, sessionEnded) : Promise.resolve(false);
    if (axe) keep(arena.leftovers, felled(arena, axe.milliseconds));
    if (death === 'during') {
      keep(arena.leftovers, answer);
      return die();
    }
    if (await cut) struck();
    const fatal = raw && fate.termination?.nth === raws && fate.termination.fatal;
    if (death === 'after' || novel || fatal) {
      await answer.catch(() => {});
      return die();
    }
    return answer;
  });
};

/** Not an error of the Data API's: nothing in the code under test may make sense of it. */
export class Died extends Error {
  override name = 'DatabaseNotFoundException';
}

const keep = (leftovers: Set<Promise<unknown>>, call: Promise<unknown>) => {
  const settled = call.catch(() => {}).finally(() => leftovers.delete(settled));
  leftovers.add(settled);
};

/** Rewrites what a call has the database carry out. Undefined if it is no such call, or nothing in it is changed. */
export const rewritten = (command: Command, rewrite: (segment: Segment) => Segment): Command | undefined => {
  for (const { name, value } of command.input.parameters ?? []) {
    const text = value?.stringValue;
    if (text === undefined || (name !== 'segments' && name !== 'segment')) continue;
    const before: Segment | Segment[] = JSON.parse(text);
    const after = JSON.stringify(Array.isArray(before) ? before.map(rewrite) : rewrite(before));
    if (after === text) return undefined;
    const parameters = command.input.parameters!.map((it) =>
      it.name === name ? { ...it, value: { stringValue: after } } : it,
    );
    return new ExecuteStatementCommand({ ...(command.input as ExecuteStatementCommandInput), parameters }) as Command;
  }
  return undefined;
};

const withKill = (command: Command, { migration, statement, when }: NonNullable<Fate['kill']>) =>
  rewritten(command, (segment) => {
    const { id, from, statements } = segment;
    const at = statement - from;
    const struck = statements[at];
    if (id !== migration || struck === undefined) return segment;
    const changed = when === 'before' ? `${KILL}; ${struck}` : `${struck}\n; ${KILL}`;
    return { ...segment, statements: statements.with(at, changed) };
  });

/** Marks, deadlines and times differ from call to call. */
const isNovel = ({ seen, strikes }: Novelty, { input: { sql = '', parameters = [] } }: Command): boolean => {
  const lasting = parameters.filter(({ name }) => name !== 'deadline' && name !== 'milliseconds');
  const key = `${sql} ${JSON.stringify(lasting)}`.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');
  if (seen.has(key)) return false;
  seen.add(key);
  return strikes();
};

/** What the Data API says of a session that PostgreSQL has ended. */
const sessionEnded = (error: unknown): boolean => {
  const { name, message } = error as Error;
  return name === 'DatabaseUnavailableException' || message.includes('SQLState: 57P01');
};

const felled = async (arena: Arena, milliseconds: number) => {
  await sleep(milliseconds);
  await arena.administer(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = $1 AND state = 'active' AND query LIKE '%lockstep%' AND pid <> pg_backend_pid()`,
    [arena.database.database],
  );
};

const KILL = 'SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())';

const terminated = async <Answer>(
  arena: Arena,
  send: () => Promise<Answer>,
  sql: string,
  blocked: boolean,
  struck: () => void,
): Promise<Answer> => {
  const blocker = blocked ? await arena.connect() : undefined;
  try {
    // Building an index ends only when every older snapshot is gone.
    await blocker?.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await blocker?.query('SELECT FROM pg_class LIMIT 1');
    let over = false;
    const answer = send().finally(() => {
      over = true;
    });
    answer.catch(() => {});
    const terminate = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE state = 'active' AND starts_with(query, $1) AND pid <> pg_backend_pid() AND ($2 = false OR wait_event_type = 'Lock')`;
    // With its unique mark, it is found from any database.
    const mark = sql.slice(0, sql.indexOf('*/') + 2);
    for (let look = 0; !over && look < 200; look += 1) {
      const { rowCount } = await arena.administer(terminate, [mark, blocked]);
      if (!rowCount) continue;
      if (await answer.then(() => false, sessionEnded)) struck();
      break;
    }
    await blocker?.query('ROLLBACK');
    return await answer;
  } finally {
    await blocker?.end();
  }
};
