import { exits } from './exit.ts';

/**
 * A first Ctrl-C cleans up in order, and then ends the process with 1 unless told otherwise; a second one ends it at once.
 */
export const onInterrupt = (clean: () => Promise<void>, { leaves = true } = {}): { forget: () => void } => {
  const stop = () => {
    forget();
    void clean().finally(() => leaves && process.exit(exits.failed));
  };
  const forget = () => {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return { forget };
};
