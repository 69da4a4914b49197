/**
 * Time, as the local cloud sees it. Real for people, virtual for tests, in which a wait of fifteen minutes
 * takes none.
 */
export type Clock = {
  now(): Date;
  /** Resolves after so many milliseconds of this clock; rejects with the signal's reason once that is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls at a time of this clock, unless ended before by what it returns. Nobody waits for it: virtual time does not
   * jump there by itself, but stops there on its way to what somebody waits for.
   */
  alarm(at: Date, ring: () => void): () => void;
  /** Marks real work (a function's invocation, a statement) during which time must not jump ahead. */
  busy<T>(work: Promise<T>): Promise<T>;
  /**
   * It is no earlier than this: a function, whose own clock goes on while it is at work, may have written that down, and
   * who is called after it is not to find themselves before it.
   */
  reach(at: Date): void;
  /** Marks waiting for somebody outside, who lives in real time. Virtual time knows nobody outside. */
  outside<T>(wait: Promise<T>): Promise<T>;
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
  alarm: (at, ring) => ringing(() => at.getTime() - Date.now(), ring),
  busy: (work) => work,
  reach: () => {},
  outside: (wait) => wait,
};

/** A timer that holds no process open; in several turns, since one holds at most 2^31-1 ms. */
const ringing = (left: () => number, ring: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const turn = () => {
    timer = setTimeout(() => (left() > 0 ? turn() : ring()), Math.min(Math.max(0, left()), LONGEST)).unref();
  };
  turn();
  return () => clearTimeout(timer);
};

const LONGEST = 2 ** 31 - 1;

/**
 * A clock that stands still while work goes on and jumps to the next wake-up as soon as nothing does.
 * What is neither asleep nor marked busy (a person deciding) is invisible to it: a test that plays the
 * person holds the clock with `busy` meanwhile.
 */
export const virtualClock = (start = new Date('2026-01-05T09:00:00Z')): Clock => {
  let now = start.getTime();
  return jumpingClock({ now: () => now, jumpTo: (time) => (now = Math.max(now, time)), outside: (wait) => wait });
};

/**
 * A clock that runs like a real one, but leaps over the time in which everybody sleeps: a wait of half a minute takes
 * none, a statement of half a minute takes half a minute, and so does a person who thinks for as long.
 */
export const leapingClock = (): Clock => {
  let ahead = 0;
  const clock = jumpingClock({
    now: () => Date.now() + ahead,
    jumpTo: (time) => (ahead = Math.max(ahead, time - Date.now())),
    outside: (wait) => clock.busy(wait),
  });
  return clock;
};

const jumpingClock = (time: {
  now: () => number;
  jumpTo: (time: number) => void;
  outside: Clock['outside'];
}): Clock => {
  let working = 0;
  const sleepers = new Set<{ at: number; wake: () => void; alarm?: true }>();

  const jump = () => {
    if (working > 0 || ![...sleepers].some(({ alarm }) => !alarm)) return;
    time.jumpTo(Math.min(...[...sleepers].map(({ at }) => at)));
    wakeWhoIsDue();
  };
  const wakeWhoIsDue = () => {
    const now = time.now();
    for (const sleeper of [...sleepers].filter(({ at }) => at <= now)) {
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };
  // A few turns of the event loop let whoever was woken last begin work or go to sleep before time moves on.
  const settle = (turns = 5) => void (turns === 0 ? jump() : setImmediate(settle, turns - 1));

  return {
    now: () => new Date(time.now()),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        // Where time runs by itself it may also run out while others work; timers may be a millisecond early.
        const timer = setTimeout(wakeWhoIsDue, Math.min(Math.max(0, milliseconds) + 2, LONGEST));
        const end = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          settle();
        };
        const sleeper = {
          at: time.now() + Math.max(0, milliseconds),
          wake: () => {
            end();
            resolve();
          },
        };
        const abort = () => {
          sleepers.delete(sleeper);
          end();
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        settle();
      }),
    alarm(at, ring) {
      // Where time runs by itself, it may also run out while nobody jumps.
      const end = ringing(() => at.getTime() - time.now(), wakeWhoIsDue);
      const wake = () => {
        end();
        ring();
        settle();
      };
      const sleeper = { at: at.getTime(), wake, alarm: true as const };
      sleepers.add(sleeper);
      return () => {
        end();
        sleepers.delete(sleeper);
      };
    },
    busy: async (work) => {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
        settle();
      }
    },
    reach: (at) => time.jumpTo(at.getTime()),
    outside: time.outside,
  };
};
