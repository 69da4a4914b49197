import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ErrorDocument, FromSandbox, ToSandbox } from './protocol.ts';

export type Outcome = {
  result: { payload: string } | { error: ErrorDocument };
  /** Peak of the process so far, in MB; 0 if it died without saying. */
  memory: number;
  /** False if the process is gone and a new one must take the next event. */
  reusable: boolean;
};

export type Sandbox = {
  /** Milliseconds from the start of the process until its handler was loaded. */
  readonly initMilliseconds: number;
  /** Has it ended, of itself or by `kill`? */
  gone(): boolean;
  invoke(event: ToSandbox, timeoutMilliseconds: number): Promise<Outcome>;
  kill(): void;
};

export type Start = { cwd: string; env: Record<string, string>; memoryMegabytes: number; output(text: string): void };

/** Init phase: Lambda gives it 10 s; then it starts over as part of the invocation, here it fails. */
const INIT_LIMIT = 10_000;

/** Starts a process for one function and loads its handler; fails with the error document of what went wrong. */
export const startSandbox = async (start: Start): Promise<Sandbox | { error: ErrorDocument }> => {
  const began = performance.now();
  const child = spawn(process.execPath, [`--max-old-space-size=${start.memoryMegabytes}`, RUNTIME], {
    cwd: start.cwd,
    env: start.env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // In a group of its own, so that Ctrl-C reaches the local cloud alone, which then ends what it started.
    detached: true,
  });
  child.stdout!.setEncoding('utf8').on('data', start.output);
  child.stderr!.setEncoding('utf8').on('data', start.output);
  const messages = mailbox(child);
  let killed = false;
  const kill = () => {
    killed = true;
    killGroup(child);
  };
  const first = await messages.next(INIT_LIMIT);
  if (first.type === 'ready') {
    const initMilliseconds = performance.now() - began;
    return {
      initMilliseconds,
      kill,
      gone: () => killed || messages.closed(),
      invoke: (event, timeout) => invoke(child, messages, event, timeout),
    };
  }
  kill();
  if (first.type === 'init-failed') return { error: first.error };
  if (first.type === 'exited') return { error: exitError('', first) };
  return { error: { errorType: 'Sandbox.Timedout', errorMessage: 'Error: Init phase timed out after 10.00 seconds' } };
};

const RUNTIME = fileURLToPath(import.meta.resolve('./runtime.ts'));

const invoke = async (child: ChildProcess, messages: Mailbox, event: ToSandbox, timeout: number): Promise<Outcome> => {
  (child.stdio[3] as Socket).write(`${JSON.stringify(event)}\n`);
  const answer = await messages.next(timeout);
  // Output written before the answer may still be on its way in the other pipes.
  await new Promise((turn) => setImmediate(() => setImmediate(turn)));
  if (answer.type === 'done') return { result: { payload: answer.payload }, memory: answer.memory, reusable: true };
  if (answer.type === 'failed')
    return { result: { error: answer.error }, memory: answer.memory, reusable: !answer.fatal };
  const prefix = `RequestId: ${event.requestId} `;
  const error: ErrorDocument =
    answer.type === 'timeout'
      ? {
          errorType: 'Sandbox.Timedout',
          errorMessage: `${prefix}Error: Task timed out after ${(timeout / 1000).toFixed(2)} seconds`,
        }
      : exitError(prefix, answer.type === 'exited' ? answer : { code: 1, signal: null });
  return { result: { error }, memory: 0, reusable: false };
};

const exitError = (
  prefix: string,
  { code, signal }: { code: number | null; signal: string | null },
): ErrorDocument => ({
  errorType: 'Runtime.ExitError',
  errorMessage:
    code === 0
      ? `${prefix}Error: Runtime exited without providing a reason`
      : `${prefix}Error: Runtime exited with error: ${signal ? `signal: ${SIGNALS[signal] ?? signal}` : `exit status ${code}`}`,
});
const SIGNALS: Record<string, string> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
};

type Exited = { type: 'exited'; code: number | null; signal: string | null };
type Mailbox = { next(timeout: number): Promise<FromSandbox | Exited | { type: 'timeout' }>; closed(): boolean };

/** The process's messages in order; its end is the last one, and comes after all that it said. */
const mailbox = (child: ChildProcess): Mailbox => {
  const waiting: (FromSandbox | Exited)[] = [];
  let exited: Exited | undefined;
  let wake = () => {};
  const arrived = (message: FromSandbox | Exited) => {
    waiting.push(message);
    wake();
  };
  const pipe = child.stdio[3] as Socket;
  const lines = createInterface({ input: pipe }).on('line', (line) => arrived(JSON.parse(line)));
  // A process that is killed resets its pipe; that it has ended is told by its exit.
  for (const end of [pipe, lines]) end.on('error', () => {});
  const drained = new Promise((resolve) => pipe.once('close', resolve));
  child.once('error', () => (exited = { type: 'exited', code: 127, signal: null }));
  child.once('exit', (code, signal) => {
    exited = { type: 'exited', code, signal };
    void drained.then(() => arrived(exited!));
  });
  return {
    closed: () => exited !== undefined,
    next: (timeout) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ type: 'timeout' }), Math.max(0, timeout));
        wake = () => {
          const message = waiting.shift() ?? exited;
          if (!message) return;
          clearTimeout(timer);
          wake = () => {};
          resolve(message);
        };
        if (waiting.length > 0) wake();
      }),
  };
};

const killGroup = ({ pid }: ChildProcess) => {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};
