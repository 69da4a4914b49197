/**
 * What Retry and Catch see of a state that failed. Not a failure of this program: `error` and `reason` are the
 * Error and Cause of the States Language, either of which a Fail state or a callback may leave out.
 */
export class StateError extends Error {
  readonly error: string | undefined;
  readonly reason: string | undefined;
  /** Further names under which Retry and Catch find this error. */
  readonly also: string[];
  constructor(error: string | undefined, reason?: string, also: string[] = []) {
    super(`${error ?? 'An error without a name'}${reason ? `: ${reason}` : ''}`);
    this.error = error;
    this.reason = reason;
    this.also = also;
  }
}

/** Always fails the execution: neither Retry nor Catch match it, not even by name. */
export const runtimeError = (reason: string) => new StateError('States.Runtime', reason);

export const dataLimitExceeded = (reason: string) => new StateError('States.DataLimitExceeded', reason);

/** How every error begins that the interpreter itself raises. */
export const inState = (visit: { name: string; enteredId: number }, sentence: string) =>
  `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredId}). ${sentence}`;
