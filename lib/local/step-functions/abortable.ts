/** Waits for a promise, or rejects with the signal's reason as soon as that is aborted. */
export const abortable = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  // What comes after the abort is nobody's concern any more.
  promise.catch(() => {});
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
