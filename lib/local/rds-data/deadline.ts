import { AwsError } from '../protocol/aws-error.ts';
import type { Limits } from './limits.ts';
import type { Session } from './session.ts';
import type { Switches } from './switches.ts';

/** How much time a call has left, in real time. */
export type Deadline = {
  /** Aborted when the time is up; its reason is the error to answer. */
  signal: AbortSignal;
  /** The error, with the connection on which the statement ran; one that goes on is not told as cancelled. */
  error(session?: Session, goesOn?: boolean): AwsError;
  clear(): void;
};

/** @param mayContinue whether the call lets its statement go on, so that it is never told as cancelled */
export const startDeadline = (
  { callTimeoutMilliseconds }: Limits,
  switches: Switches,
  mayContinue = false,
): Deadline => {
  const controller = new AbortController();
  const error = (session?: Session, goesOn = mayContinue) =>
    goesOn || switches.timeoutError === 'StatementTimeoutException'
      ? new AwsError(
          'StatementTimeoutException',
          switches.timeoutMessage,
          400,
          session && { dbConnectionId: session.id },
        )
      : new AwsError('DatabaseErrorException', 'ERROR: canceling statement due to user request; SQLState: 57014');
  const timer = setTimeout(() => controller.abort(error()), callTimeoutMilliseconds);
  return { signal: controller.signal, error, clear: () => clearTimeout(timer) };
};

export type Timed<Result> = { finished: true; result: Result } | { finished: false; rest: Promise<unknown> };

/**
 * Waits for work on a session until the deadline. Work that is late is cancelled and waited for a little longer,
 * so that whoever reads the error finds it gone; or, if it may continue, left to itself.
 */
export const within = async <Result>(
  deadline: Deadline,
  session: Session,
  work: Promise<Result>,
  mayContinue: boolean,
): Promise<Timed<Result>> => {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const onAbort = () => resolve('late');
  if (deadline.signal.aborted) onAbort();
  deadline.signal.addEventListener('abort', onAbort, { once: true });
  const first = await Promise.race([work.then((result) => ({ result })), late]).finally(() =>
    deadline.signal.removeEventListener('abort', onAbort),
  );
  if (first !== 'late') return { finished: true, result: first.result };
  const rest = work.catch(() => undefined);
  if (!mayContinue) {
    await session.cancel();
    await Promise.race([rest, new Promise((done) => setTimeout(done, CANCELLED_WITHIN).unref())]);
  }
  return { finished: false, rest };
};

/** A statement that doesn't heed the request within this goes on; the caller hears no later for it. */
const CANCELLED_WITHIN = 5_000;
