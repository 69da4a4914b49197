/**
 * Calls what belongs to the next of these keys that is pressed, once. Ctrl-C still interrupts.
 * @returns what ends the listening early
 */
export const onKey = (actions: Record<string, () => unknown>): (() => void) => {
  const { stdin } = process;
  const end = () => {
    stdin.off('data', listen);
    stdin.setRawMode(false);
    stdin.pause();
  };
  const listen = (pressed: Buffer) => {
    const key = pressed.toString();
    if (key === '\u0003') process.kill(process.pid, 'SIGINT');
    else if (actions[key]) {
      end();
      actions[key]();
    }
  };
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on('data', listen);
  return end;
};
