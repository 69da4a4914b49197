import type { Engine, Execution } from './engine.ts';
import { noProgress } from './progress.ts';
import { runStates } from './run-states.ts';
import { StateError } from './state-error.ts';
import { topScope } from './variables.ts';
import type { Thread } from './visit.ts';

/** How an execution ended other than by reaching the end of its states. */
export type Ending = {
  status: 'ABORTED' | 'TIMED_OUT' | 'FAILED';
  error: string | undefined;
  cause: string | undefined;
};

/** Express executions end after five minutes. */
const EXPRESS_SECONDS = 300;

/** Runs it to its end, from where it stands. Aborting with an Ending as the reason ends it at once, whatever is going on in it. */
export const runExecution = async (engine: Engine, execution: Execution, abort: AbortController): Promise<void> => {
  const { progress } = execution;
  const { signal } = abort;
  const thread: Thread = {
    engine,
    execution,
    scope: topScope(progress.own),
    signal,
    last: 0,
    active: undefined,
    progress,
  };
  abort.signal.addEventListener('abort', () => end(engine, execution, abort.signal.reason, 0), { once: true });
  const done = new AbortController();
  limitTime(engine, execution, abort, done.signal);
  const { history, input, inputText, stateMachine } = execution;
  thread.last =
    execution.redriveCount === 0
      ? 0
      : history.append('ExecutionRedriven', { redriveCount: execution.redriveCount }, history.events.length);
  if (execution.redriveCount === 0)
    history.append('ExecutionStarted', { input: inputText, roleArn: stateMachine.roleArn }, 0);
  try {
    const output = JSON.stringify(await runStates(execution.machine, input, thread));
    if (execution.status !== 'RUNNING') return;
    execution.output = output;
    // Nobody redrives it any more.
    execution.progress = noProgress();
    close(engine, execution, 'SUCCEEDED');
    history.close('ExecutionSucceeded', { output }, thread.last);
  } catch (failure) {
    if (abort.signal.aborted) return;
    const ending: Ending =
      failure instanceof StateError
        ? { status: 'FAILED', error: failure.error, cause: failure.reason }
        : // A bug of this program must be seen, not swallowed with the execution.
          {
            status: 'FAILED',
            error: 'States.Runtime',
            cause: `Internal error: ${(failure as Error)?.stack ?? failure}`,
          };
    end(engine, execution, ending, thread.last);
  } finally {
    done.abort();
  }
};

const EVENTS = { ABORTED: 'ExecutionAborted', TIMED_OUT: 'ExecutionTimedOut', FAILED: 'ExecutionFailed' } as const;

const end = (engine: Engine, execution: Execution, { status, error, cause }: Ending, previous: number) => {
  if (execution.status !== 'RUNNING') return;
  const why = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  // AWS names the timeout of a whole execution in its history only.
  if (status !== 'TIMED_OUT') Object.assign(execution, why);
  close(engine, execution, status);
  const told = status === 'TIMED_OUT' ? { ...why, error: 'States.Timeout' } : why;
  execution.history.close(EVENTS[status], told, previous);
};

const close = (engine: Engine, execution: Execution, status: Execution['status']) => {
  execution.status = status;
  execution.stopDate = engine.clock.now();
  if (execution.type === 'STANDARD') engine.onStatus?.(execution);
};

const limitTime = (engine: Engine, execution: Execution, abort: AbortController, done: AbortSignal) => {
  const limits = [execution.machine.TimeoutSeconds, execution.type === 'EXPRESS' ? EXPRESS_SECONDS : undefined];
  const seconds = Math.min(...limits.filter((it) => it !== undefined));
  if (!Number.isFinite(seconds)) return;
  const signal = AbortSignal.any([abort.signal, done]);
  engine.clock.sleep(seconds * 1000, signal).then(
    () => abort.abort({ status: 'TIMED_OUT', error: undefined, cause: undefined } satisfies Ending),
    () => {},
  );
};
