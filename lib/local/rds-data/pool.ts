import { createHash } from 'node:crypto';
import { databaseUnavailable } from './database-error.ts';
import type { Limits } from './limits.ts';
import type { Login, OpenSession, Session } from './session.ts';
import type { Switches } from './switches.ts';

export type Pool = {
  /** A session for this login: a warm one, a new one, or, when the cluster has all it may have, the next that comes free. */
  take(login: Login, signal?: AbortSignal): Promise<Session>;
  /** Gives a session back once nothing of its past is left on it. */
  give(session: Session, keepSettings?: boolean): Promise<void>;
  close(): Promise<void>;
};

type Idle = { session: Session; key: string; timer: NodeJS.Timeout };
type Waiter = {
  key: string;
  login: Login;
  resolve(session: Session): void;
  reject(error: unknown): void;
  left: boolean;
};

/** The sessions of one cluster; `onEmpty` is told when the last of them was closed because nobody used it. */
export const sessionPool = (
  limits: Limits,
  switches: Switches,
  openSession: OpenSession,
  onEmpty: () => void,
): Pool => {
  const idle: Idle[] = [];
  const keys = new Map<Session, string>();
  const waiting: Waiter[] = [];
  /** Keys of the sessions of which the past is being wiped off. */
  const cleaning: string[] = [];
  let opening = 0;
  let closed = false;

  const discard = (session: Session) => {
    keys.delete(session);
    void session.close().catch(() => undefined);
    serve();
  };
  const takeIdle = (at: number) => {
    const [entry] = idle.splice(at, 1);
    clearTimeout(entry!.timer);
    return entry!.session;
  };
  const open = async (waiter: Waiter) => {
    opening += 1;
    try {
      const session = await openSession(waiter.login, switches);
      keys.set(session, waiter.key);
      if (closed) discard(session);
      else if (waiter.left) keep(session);
      else waiter.resolve(session);
    } catch (error) {
      waiter.reject(error);
    } finally {
      opening -= 1;
      serve();
    }
  };
  const keep = (session: Session) => {
    const key = keys.get(session);
    if (closed || key === undefined) return discard(session);
    const timer = setTimeout(() => {
      discard(takeIdle(idle.findIndex((entry) => entry.session === session)));
      if (keys.size + opening + waiting.length === 0) onEmpty();
    }, limits.sessionIdleMilliseconds).unref();
    idle.push({ session, key, timer });
    serve();
  };
  /** Lets whoever waits longest go on, if that is possible now. */
  const serve = () => {
    const [waiter] = waiting;
    if (!waiter || closed) return;
    for (let at = idle.length - 1; at >= 0; at -= 1) {
      if (idle[at]!.key !== waiter.key) continue;
      const session = takeIdle(at);
      if (!session.alive()) {
        keys.delete(session);
        continue;
      }
      waiting.shift();
      waiter.resolve(session);
      return serve();
    }
    // It is there sooner than a new one, which would have everything to learn about its database.
    if (cleaning.includes(waiter.key)) return;
    if (keys.size + opening < limits.sessionsPerCluster) {
      waiting.shift();
      void open(waiter);
      return serve();
    }
    // All there may be are open, and some of them idle for another database: the oldest of those makes room.
    if (idle.length > 0) discard(takeIdle(0));
  };

  return {
    take: (login, signal) => {
      if (closed) return Promise.reject(databaseUnavailable());
      const { promise, resolve, reject } = Promise.withResolvers<Session>();
      const waiter: Waiter = { key: keyOf(login), login, resolve, reject, left: false };
      waiting.push(waiter);
      signal?.addEventListener('abort', () => {
        const at = waiting.indexOf(waiter);
        if (at >= 0) waiting.splice(at, 1);
        waiter.left = true;
        reject(signal.reason);
      });
      serve();
      return promise;
    },
    give: async (session, keepSettings = false) => {
      const key = keys.get(session) ?? '';
      cleaning.push(key);
      const clean = session.alive() && (await Promise.race([cleaned(session, keepSettings), tooLong()]));
      cleaning.splice(cleaning.indexOf(key), 1);
      if (clean) keep(session);
      else discard(session);
    },
    close: async () => {
      closed = true;
      for (const waiter of waiting.splice(0)) waiter.reject(databaseUnavailable());
      for (const { timer } of idle.splice(0)) clearTimeout(timer);
      await Promise.all([...keys.keys()].map((session) => session.close().catch(() => undefined)));
      keys.clear();
    },
  };
};

/**
 * Whoever waits for a session is not kept waiting by one that has died while it was wiped, which may never be told. Not
 * given up too soon: a busy machine takes its time, and the locks of a session that was given up stay until it has left.
 */
const tooLong = (): Promise<false> =>
  new Promise((resolve) => setTimeout(resolve, CLEANING_MILLISECONDS, false).unref());

const CLEANING_MILLISECONDS = 5_000;

/** The password counts: a changed one must be tried, not assumed. */
const keyOf = ({ port, user, password, database }: Login) =>
  createHash('sha256')
    .update(JSON.stringify([port, user, password, database]))
    .digest('base64');

/** No session state outlives a call: not settings, not prepared statements, not temporary tables, not locks. */
const cleaned = async (session: Session, keepSettings: boolean) => {
  try {
    if (session.transactionStatus() !== 'I') await session.run('ROLLBACK');
    if (!keepSettings) await session.run('DISCARD ALL');
    return session.alive();
  } catch {
    return false;
  }
};
