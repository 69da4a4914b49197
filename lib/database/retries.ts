/** Of this process; a function's invocations come one after another, so that each can tell its own. */
let made = 0;

/** Takes down that a call is made again: it was turned away, has given no answer, or met somebody else's lock. */
export const retried = (times = 1): void => {
  made += times;
};

/** How many calls were made again since the process began. */
export const retries = (): number => made;
