/** An error as the service's clients get it: code, sentence and HTTP status. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const validationError = (sentence: string) =>
  new ApiError('ValidationException', `1 validation error detected: ${sentence}`);

export const executionDoesNotExist = (arn: string) =>
  new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);

export const stateMachineDoesNotExist = (arn: string) =>
  new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

export const invalidToken = () => new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`);
