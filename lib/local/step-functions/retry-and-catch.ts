import type { Handling, JsonObject, MapState, Outcome, Parallel, Retrier, State, Task } from './asl.ts';
import { StateError } from './state-error.ts';
import { type Computed, compute, leave, type Step, type Visit } from './visit.ts';

type Handled = Task | Parallel | MapState;

/**
 * Runs a state that has Retry and Catch. `attempt` does its work and computes Output and Assign, errors in which are
 * retried and caught like those of the work; `gaveUp` reports a failure that is not retried any more.
 */
export const withRetryAndCatch = async <S extends Handled>(
  visit: Visit<S>,
  attempt: () => Promise<Computed>,
  gaveUp: () => void = () => {},
): Promise<Step> => {
  const { state, thread } = visit;
  const attempts = new Map<Retrier, number>();
  for (;;) {
    try {
      return leave(visit, await attempt(), state.Next);
    } catch (thrown) {
      thread.signal.throwIfAborted();
      if (!(thrown instanceof StateError)) throw thrown;
      const delay = delayBeforeRetry(state.Retry ?? [], attempts, thrown);
      if (delay === undefined) {
        gaveUp();
        return caught(visit, thrown);
      }
      await thread.engine.clock.sleep(delay * 1000, thread.signal);
      visit.retries += 1;
      thread.execution.steps += 1;
    }
  }
};

/**
 * Do these names match the error? States.Runtime is terminal; States.DataLimitExceeded must be named; States.TaskFailed
 * stands for everything but a timeout, States.ALL for everything.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const matches = ({ ErrorEquals }: { ErrorEquals: string[] }, { error, also }: StateError) => {
  if (error === 'States.Runtime') return false;
  const byName = ErrorEquals.some((name) => name === error || also.includes(name));
  if (byName || error === 'States.DataLimitExceeded') return byName;
  return (
    ErrorEquals.includes('States.ALL') || (ErrorEquals.includes('States.TaskFailed') && error !== 'States.Timeout')
  );
};

/** Seconds to wait before the n-th retry, counted from 1. `random` draws from [0, 1). */
export const backoff = (retrier: Retrier, n: number, random = Math.random) => {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY, JitterStrategy } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** (n - 1), MaxDelaySeconds);
  return JitterStrategy === 'FULL' ? seconds * random() : seconds;
};

/** Counts per retrier over the whole stay in the state; undefined when there is no (further) retry. */
const delayBeforeRetry = (retriers: Retrier[], attempts: Map<Retrier, number>, error: StateError) => {
  const retrier = retriers.find((it) => matches(it, error));
  if (!retrier) return undefined;
  const n = (attempts.get(retrier) ?? 0) + 1;
  if (n > (retrier.MaxAttempts ?? 3)) return undefined;
  attempts.set(retrier, n);
  return backoff(retrier, n);
};

const caught = async (visit: Visit<State & Handling & Outcome>, failure: StateError): Promise<Step> => {
  const catchers = visit.state.Catch ?? [];
  const n = catchers.findIndex((it) => matches(it, failure));
  const catcher = catchers[n];
  if (!catcher) throw failure;
  const errorOutput: JsonObject = { Error: failure.error ?? null, Cause: failure.reason ?? noCause(failure) };
  return leave(
    visit,
    await compute(visit, catcher, errorOutput, { errorOutput, prefix: `Catch[${n}]/` }),
    catcher.Next,
  );
};

/** A timeout has an empty cause, an error without a name and cause has none, as recorded from AWS. */
const noCause = ({ error }: StateError) => (error === 'States.Timeout' ? '' : null);
