import { setTimeout as sleep } from 'node:timers/promises';
import { type Verdict, verdictOf } from './data-api-error.ts';
import { DatabaseUnreachable } from './failures.ts';
import { retried } from './retries.ts';
import type { Database, Session } from './session.ts';

/**
 * Makes a call that is harmless to repeat, again and again with growing, jittered pauses while the Data API turns it
 * away or gives no answer: a paused cluster takes some 15 s to resume, after a day's pause 30 s or more.
 * Gives up with DatabaseUnreachable when less than `reserve` milliseconds remain to the caller, or after two minutes.
 */
export const patiently = async <Answer>(
  call: () => Promise<Answer>,
  { database }: Pick<Database, 'database'>,
  remaining: () => number = () => TWO_MINUTES,
): Promise<Answer> => {
  const began = Date.now();
  const until = began + Math.min(TWO_MINUTES, remaining() - RESERVE);
  for (let pause = 250; ; pause = Math.min(pause * 2, 8_000)) {
    try {
      return await call();
    } catch (error) {
      const found = verdictOf(error);
      const { verdict, message } = found;
      if (isRefusedLogin(found) && Date.now() + pause < Math.min(until, began + ROTATION)) {
        retried();
        await sleep(pause);
        continue;
      }
      if (verdict !== 'not run' && verdict !== 'unknown' && verdict !== 'refused') throw error;
      const wait = pause * (0.5 + Math.random() / 2);
      if (verdict === 'refused' || Date.now() + wait > until)
        throw new DatabaseUnreachable({ database, reason: message }, { cause: error });
      retried();
      await sleep(wait);
    }
  }
};

/** SQLSTATE class 28: nothing has run. While a secret is rotated, database and Secrets Manager disagree for a moment. */
const isRefusedLogin = (it: Verdict): boolean => it.verdict === 'database' && it.sqlstate.startsWith('28');

const ROTATION = 30_000;
const TWO_MINUTES = 120_000;
const RESERVE = 5_000;

/** The one JSON value that a `SELECT` answers; see {@link patiently}. */
export const ask = async (
  session: Session,
  database: Database,
  sql: string,
  parameters: Record<string, string | number>,
  remaining?: () => number,
): Promise<unknown> => {
  const { records } = await patiently(() => session.execute(database, sql, parameters), database, remaining);
  return JSON.parse(records[0]?.[0]?.stringValue ?? 'null');
};

/** PostgreSQL's own answer in a failed call, or null when the call failed otherwise. */
export const databaseError = (error: unknown): Extract<Verdict, { verdict: 'database' }> | null => {
  const verdict = verdictOf(error);
  return verdict.verdict === 'database' ? verdict : null;
};
