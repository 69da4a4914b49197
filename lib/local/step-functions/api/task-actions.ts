import type { Json } from '../asl.ts';
import type { Engine } from '../engine.ts';
import { PAYLOAD_LIMIT } from '../payload.ts';
import type { Actions } from './api.ts';
import { ApiError, invalidToken, validationError } from './api-error.ts';
import type { ApiInput } from './api-input.ts';

/** Answers of those who were given a task's token. */
export const taskActions = ({ tokens, switches }: Engine): Actions => {
  const open = (input: ApiInput) => {
    const token = input.string('taskToken', { most: 2048 });
    const state = tokens.state(token);
    if (state === 'closed' && switches.lateAnswer === 'TaskTimedOut')
      throw new ApiError('TaskTimedOut', `Task Timed Out: 'Provided task does not exist anymore'`);
    if (state === 'closed' || state === 'unknown')
      throw new ApiError('TaskDoesNotExist', `Task Does Not Exist: 'Provided task does not exist'`);
    if (state === 'invalid') throw invalidToken();
    return token;
  };
  return {
    SendTaskSuccess(input) {
      const output = parseOutput(input.string('output'));
      tokens.succeed(open(input), output);
      return {};
    },
    SendTaskFailure(input) {
      const error = input.optionalString('error', { most: 256 });
      const cause = input.optionalString('cause', { most: 32_768 });
      tokens.fail(open(input), error, cause);
      return {};
    },
    SendTaskHeartbeat(input) {
      tokens.heartbeat(open(input));
      return {};
    },
  };
};

const parseOutput = (text: string): Json => {
  if (Buffer.byteLength(text) > PAYLOAD_LIMIT)
    throw validationError(
      `Value at 'output' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_LIMIT}`,
    );
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ApiError('InvalidOutput', `Invalid Output: '${(thrown as Error).message}'`);
  }
};
