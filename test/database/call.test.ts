import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { patiently } from '../../lib/database/call.ts';
import type { Answer } from '../../lib/database/session.ts';

const database = { clusterArn: 'c', secretArn: 's', database: 'shop' };
const answer = { records: [] } as unknown as Answer;

/** What the Data API answers with, in the order of the calls; after the last one, always that. */
const calls = (...outcomes: (Error | Answer)[]) => {
  let made = 0;
  const call = async () => {
    const outcome = outcomes[Math.min(made, outcomes.length - 1)]!;
    made += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { call, made: () => made };
};

const said = (name: string, message: string) => Object.assign(new Error(message), { name });
const wrongPassword = said(
  'DatabaseErrorException',
  'FATAL: password authentication failed for user "clerk"; SQLState: 28P01',
);

// Pauses take no time here, and the clock shows that they did.
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds),
}));
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const settled = <Value>(value: Promise<Value>): Promise<Value | Error> => value.catch((error: Error) => error);

describe('a call that is harmless to repeat', () => {
  test('is repeated while a login is refused, as happens when a secret is rotated', async () => {
    const { call, made } = calls(wrongPassword, wrongPassword, answer);
    expect(await settled(patiently(call, database))).toBe(answer);
    expect(made()).toBe(3);
  });

  test('is given up half a minute later with what PostgreSQL said: the password is wrong', async () => {
    const began = Date.now();
    let ended = 0;
    const { call } = calls(wrongPassword);
    const given = patiently(call, database).finally(() => (ended = Date.now()));
    expect(await settled(given)).toBe(wrongPassword);
    expect(ended - began).toBeLessThanOrEqual(30_000);
    expect(ended - began).toBeGreaterThan(15_000);
  });

  test('is not repeated for any other word of PostgreSQL', async () => {
    const { call, made } = calls(said('DatabaseErrorException', 'ERROR: division by zero; SQLState: 22012'));
    expect(await settled(patiently(call, database))).toMatchObject({ message: /division by zero/ });
    expect(made()).toBe(1);
  });

  test('is repeated while a cluster resumes, for two minutes and no longer', async () => {
    const resuming = said('DatabaseResumingException', 'resuming');
    expect(await settled(patiently(calls(resuming, resuming, answer).call, database))).toBe(answer);
    expect(await settled(patiently(calls(resuming).call, database))).toMatchObject({ name: 'DatabaseUnreachable' });
  });

  test('leaves time to the caller to say what happened', async () => {
    const { call, made } = calls(said('ThrottlingException', 'slow down'));
    expect(await settled(patiently(call, database, () => 5_100))).toMatchObject({ name: 'DatabaseUnreachable' });
    expect(made()).toBe(1);
  });
});
