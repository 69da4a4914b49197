export type Log = { warn(message: string, more: { error: Error }): void };

/**
 * Deletes what has outlived its time before something new is taken. Only ever a courtesy: whatever goes wrong with it
 * is logged, and the run goes on.
 */
export const clearAway = async (
  log: Log,
  { cluster }: { cluster: string },
  outlived: () => Promise<{ name: string; gone: () => Promise<unknown> }[]>,
): Promise<number> => {
  let deleted = 0;
  try {
    for (const { name, gone } of await outlived()) {
      try {
        await gone();
        deleted += 1;
      } catch (error) {
        log.warn(`${name}, an old restore point of ${cluster}, could not be deleted`, { error: error as Error });
      }
    }
  } catch (error) {
    log.warn(`the old restore points of ${cluster} could not be looked through`, { error: error as Error });
  }
  return deleted;
};
