/**
 * Time, as the local cloud sees it. Real for people, virtual for tests, in which a wait of fifteen minutes
 * takes none.
 */
export type Clock = {
  now(): Date;
  /** Resolves after so many milliseconds of this clock; rejects with the signal's reason once that is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Marks real work (a function's invocation, a statement) during which virtual time must not jump ahead. */
  busy<T>(work: Promise<T>): Promise<T>;
};

export const realClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const end = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      // Timers hold at most 2^31-1 ms; a longer wait is one of several turns.
      const turn = (left: number) => {
        timer = setTimeout(() => (left > LONGEST ? turn(left - LONGEST) : end()), Math.min(left, LONGEST));
      };
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      let timer: NodeJS.Timeout;
      signal?.addEventListener('abort', abort, { once: true });
      turn(Math.max(0, milliseconds));
    }),
  busy: (work) => work,
};

const LONGEST = 2 ** 31 - 1;

/**
 * A clock that stands still while work goes on and jumps to the next wake-up as soon as nothing does.
 * What is neither asleep nor marked busy (a person deciding) is invisible to it: a test that plays the
 * person holds the clock with `busy` meanwhile.
 */
export const virtualClock = (start = new Date('2026-01-05T09:00:00Z')): Clock => {
  let now = start.getTime();
  let working = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();

  const jump = () => {
    if (working > 0 || sleepers.size === 0) return;
    const next = Math.min(...[...sleepers].map(({ at }) => at));
    now = Math.max(now, next);
    for (const sleeper of [...sleepers].filter(({ at }) => at <= now)) {
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };
  // A few turns of the event loop let whoever was woken last begin work or go to sleep before time moves on.
  const settle = (turns = 5) => void (turns === 0 ? jump() : setImmediate(settle, turns - 1));

  return {
    now: () => new Date(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = {
          at: now + Math.max(0, milliseconds),
          wake: () => {
            signal?.removeEventListener('abort', abort);
            settle();
            resolve();
          },
        };
        const abort = () => {
          sleepers.delete(sleeper);
          settle();
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        settle();
      }),
    busy: async (work) => {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
        settle();
      }
    },
  };
};
