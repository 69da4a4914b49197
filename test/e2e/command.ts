import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ended = { exitCode: number | null; stdout: string; stderr: string };

/** Starts `lockstep` in a process of its own, as a user does, without a terminal. */
export const lockstep = (...line: string[]): { process: ChildProcess; ended: Promise<Ended>; stdout: () => string } => {
  const child = spawn(process.execPath, ['bin/lockstep.ts', ...line], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, stdout, stderr }));
  return { process: child, ended, stdout: () => stdout };
};
