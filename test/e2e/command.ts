import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ended = { exitCode: number | null; stdout: string; stderr: string };

/** Starts `lockstep` in a process of its own, as a user does, without a terminal. */
export const lockstep = (...line: string[]) => lockstepWith({}, ...line);

/** The same with more variables in its environment, as those that lead to a local cloud. */
export const lockstepWith = (
  variables: Record<string, string>,
  ...line: string[]
): { process: ChildProcess; ended: Promise<Ended>; stdout: () => string; stderr: () => string } => {
  const child = spawn(process.execPath, ['bin/lockstep.ts', ...line], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...variables },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, stdout, stderr }));
  return { process: child, ended, stdout: () => stdout, stderr: () => stderr };
};
