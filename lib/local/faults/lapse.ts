import { type Clock, realClock } from '../clock.ts';

/**
 * Lets time pass for somebody who waits: by the cloud's clock or by the machine's, whichever is sooner. A function that
 * waits does so in real time, during which a virtual clock stands still.
 */
export const lapse = async (clock: Clock, milliseconds: number): Promise<void> => {
  const over = new AbortController();
  const either = [clock, realClock].map((it) => it.sleep(milliseconds, over.signal));
  // The one that is left behind ends by being aborted.
  for (const one of either) one.catch(() => {});
  await Promise.race(either);
  over.abort();
};
