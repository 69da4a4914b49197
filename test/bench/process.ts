import { spawn } from 'node:child_process';

/** A command line, and what its environment has besides ours. */
export type Command = { program: string; args: string[]; env?: Record<string, string> };

/** Runs a command to its end. @throws Error with what it said, if it fails */
export const run = ({ program, args, env }: Command, cwd: string): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  child.once('error', reject);
  child.once('close', (code) => {
    if (code === 0) resolve();
    else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said.slice(-4_000)}`));
  });
  return promise;
};

/** Runs commands, so many at once, and tells how many milliseconds all of them took together. */
export const timed = async (commands: Command[], width: number, cwd: string): Promise<number> => {
  const waiting = [...commands];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await run(next, cwd);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: width }, lane));
  return performance.now() - began;
};
