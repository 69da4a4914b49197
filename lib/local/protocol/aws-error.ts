/** An error that a service answers with: AWS's public code, the HTTP status and the sentence. */
export class AwsError extends Error {
  readonly status: number;
  /** Further members of the answer, as AWS documents them for this code. */
  readonly members: Record<string, unknown>;
  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message);
    this.name = code;
    this.status = status;
    this.members = members;
  }
}

/** The same for what is our own fault: told apart from what AWS would say, with the stack in the message for whoever reports it. */
export const asAwsError = (error: unknown) =>
  error instanceof AwsError
    ? error
    : new AwsError('InternalFailure', error instanceof Error ? (error.stack ?? error.message) : String(error), 500);
