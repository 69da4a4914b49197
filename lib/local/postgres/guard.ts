import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Account } from './account.ts';

/**
 * Starts a server that can't outlive us. A shell holds the reading end of a pipe whose writing end only this process
 * has: whichever way we go, be it kill -9, the pipe ends, and the shell asks the server for a fast shutdown.
 */
export const startGuarded = (program: string, args: string[], { account, cwd, line }: GuardOptions): Guarded => {
  const child = spawn('/bin/sh', ['-c', GUARD, 'lockstep-guard', program, ...args], {
    // A session of its own: Ctrl-C on the terminal is for us, who then stop the server in order.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    cwd,
    ...account,
  });
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stderr }).on('line', line);
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      line(String(error));
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const handles = [child, child.stdin, child.stderr] as unknown as { ref(): void; unref(): void }[];
  return {
    exited,
    standBy: () => {
      for (const handle of handles) handle.unref();
    },
    release: () => {
      for (const handle of handles) handle.ref();
      child.stdin.end();
    },
  };
};

export type GuardOptions = { account: Account | undefined; cwd: string; line: (text: string) => void };

export type Guarded = {
  /** Resolves when the server is gone, for whatever reason. */
  exited: Promise<void>;
  /** From now on the server doesn't keep this process alive; a script that forgets to stop it ends all the same. */
  standBy(): void;
  /** Asks for a fast shutdown, the same way as our death would. */
  release(): void;
};

const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{ read -r _ <&3; kill -INT $server; } 2>/dev/null & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
exit $code`;
