/**
 * Makes the class of one expected failure: its name is a public code that the workflow, the CLI and users match on,
 * its details are data, its sentence says what is wrong, where, and what to do.
 *
 * The name is set on the prototype, because minifiers rename classes.
 */
export function failure<const Name extends string, Details>(name: Name, sentence: (details: Details) => string) {
  class Failure extends Error {
    declare readonly name: Name;
    readonly details: Details;
    constructor(details: Details, options?: ErrorOptions) {
      super(sentence(details), options);
      this.details = details;
    }
  }
  Object.defineProperty(Failure.prototype, 'name', { value: name });
  return Failure;
}

/** True for failures made by {@link failure}: expected, explained, without need of a stack trace. */
export const isExpected = (error: unknown): error is Error & { details: unknown } =>
  error instanceof Error && 'details' in error && Object.getPrototypeOf(error)?.name === error.name;
