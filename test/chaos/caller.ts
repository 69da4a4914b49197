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
  /**
   * The database ends the session while it carries out the n-th statement that is sent by itself; blocked: while that
   * waits for others, as building an index does.
   */
  termination?: { nth: number; blocked: boolean };
  /** It stands still before this call until it is woken. */
  sleep?: { call: number; until: Promise<void> };
  /** The secret is rotated before this call. */
  rotation?: number;
};

/** A caller's client. What strikes it is counted once it has struck. */
export const fated = (arena: Arena, inner: Client, fate: Fate, struck: () => void): Client => {
  let calls = 0;
  let raws = 0;
  let dead = false;
  let { kill } = fate;
  const die = (already = false): never => {
    if (!already) struck();
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
      struck();
    }
    const answer =
      raw && fate.termination?.nth === raws
        ? terminated(arena, () => send(command), command.input.sql!, fate.termination.blocked, struck)
        : send(killing ?? command);
    if (death === 'during') {
      keep(arena.leftovers, answer);
      return die(killing !== undefined);
    }
    if (death === 'after') {
      await answer.catch(() => {});
      return die(killing !== undefined);
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

const KILL = 'SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())';

const terminated = async <Answer>(
  arena: Arena,
  send: () => Promise<Answer>,
  sql: string,
  blocked: boolean,
  struck: () => void,
): Promise<Answer> => {
  const killer = await arena.connect();
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
    const working = `FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1) AND pid <> pg_backend_pid()
      AND ($2 = false OR wait_event_type = 'Lock')`;
    const mark = sql.slice(0, sql.indexOf('*/') + 2);
    for (let look = 0; !over && look < 200; look += 1) {
      const { rowCount } = await killer.query(`SELECT pg_terminate_backend(pid, 5000) ${working}`, [mark, blocked]);
      if (!rowCount) continue;
      struck();
      break;
    }
    await blocker?.query('ROLLBACK');
    return await answer;
  } finally {
    await Promise.all([killer.end(), blocker?.end()]);
  }
};
