import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Json } from './asl.ts';
import { StateError } from './state-error.ts';

/** The task that waits for a token's answer. */
export type WaitingTask = { answer: Promise<Json>; onHeartbeat(listener: () => void): void };

export type TaskTokens = {
  /** A token nobody can guess for a task of that state machine, and the wait for its answer: the callback's output, or a StateError. */
  issue(stateMachineArn: string): { token: string; task: WaitingTask };
  /** From now on the token is answered no more. */
  close(token: string): void;
  /** What became of the token: open, closed (answered, timed out, aborted), another's, or none at all. */
  state(token: string): 'open' | 'closed' | 'unknown' | 'invalid';
  /** Whose task the token is for, answered or not; undefined for a token that was never issued here. */
  stateMachine(token: string): string | undefined;
  succeed(token: string, output: Json): void;
  fail(token: string, error: string | undefined, cause: string | undefined): void;
  heartbeat(token: string): void;
};

type Open = { resolve(output: Json): void; reject(error: StateError): void; heartbeat: () => void };

/**
 * Beginning, number of bytes of content and of signature: some 700 characters, as AWS's tokens have.
 * The content is the state machine's ARN, its length before it, and random bytes up to the end.
 */
const BEGIN = 'AQCE';
const CONTENT = 489;
const SIGNATURE = 32;

export const taskTokens = (): TaskTokens => {
  const open = new Map<string, Open>();
  // A signature tells a closed token of ours from an invention without remembering every one ever issued.
  const key = randomBytes(32);
  const sign = (data: Buffer) => createHmac('sha256', key).update(data).digest();
  const decode = (token: string) => {
    const data = token.startsWith(BEGIN) ? Buffer.from(token.slice(BEGIN.length), 'base64') : Buffer.alloc(0);
    if (data.length !== CONTENT + SIGNATURE) return undefined;
    const content = data.subarray(0, CONTENT);
    return { content, signed: timingSafeEqual(sign(content), data.subarray(CONTENT)) };
  };
  const ended = (token: string) => {
    const task = open.get(token);
    open.delete(token);
    return task;
  };
  return {
    issue(stateMachineArn) {
      const content = randomBytes(CONTENT);
      content.writeUInt16BE(content.write(stateMachineArn, 2));
      const token = BEGIN + Buffer.concat([content, sign(content)]).toString('base64');
      const { promise, resolve, reject } = Promise.withResolvers<Json>();
      const task: Open = { resolve, reject, heartbeat: () => {} };
      open.set(token, task);
      // An answer may come before the task listens, or after it has stopped to.
      promise.catch(() => {});
      const onHeartbeat = (listener: () => void) => {
        task.heartbeat = listener;
      };
      return { token, task: { answer: promise, onHeartbeat } };
    },
    close: (token) => void ended(token),
    state(token) {
      if (open.has(token)) return 'open';
      const decoded = decode(token);
      if (!decoded) return 'invalid';
      return decoded.signed ? 'closed' : 'unknown';
    },
    stateMachine(token) {
      const { content, signed } = decode(token) ?? {};
      return content && signed ? content.toString('utf8', 2, 2 + content.readUInt16BE()) : undefined;
    },
    succeed: (token, output) => ended(token)?.resolve(output),
    fail: (token, error, cause) => ended(token)?.reject(new StateError(error, cause)),
    heartbeat: (token) => open.get(token)?.heartbeat(),
  };
};
