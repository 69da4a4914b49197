import { type ExitCode, exits } from './exit.ts';

/**
 * A first Ctrl-C cleans up in order, and then ends the process with that code unless told otherwise; a second one ends
 * it at once.
 * The listeners stay until they are forgotten: libraries that find none but their own end the process by themselves.
 */
export const onInterrupt = (
  clean: () => Promise<void>,
  { leaves = true, code = exits.failed }: { leaves?: boolean; code?: ExitCode } = {},
): { forget: () => void } => {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(code);
    stopping = true;
    void clean().finally(() => leaves && process.exit(code));
  };
  const forget = () => {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { forget };
};
