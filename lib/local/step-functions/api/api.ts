import { randomUUID } from 'node:crypto';
import type { Service } from '../../service.ts';
import type { Engine } from '../engine.ts';
import { ApiError } from './api-error.ts';
import { type ApiInput, apiInput } from './api-input.ts';
import { executionActions } from './execution-actions.ts';
import { mapRunActions } from './map-run-actions.ts';
import { type StateMachines, stateMachineActions } from './state-machine-actions.ts';
import { taskActions } from './task-actions.ts';

/** One operation of the service; what it returns is the response's body. */
export type Action = (input: ApiInput) => Record<string, unknown>;
export type Actions = Record<string, Action>;

const TARGET = 'AWSStepFunctions.';

/** The service's end of the protocol AWS JSON 1.0. */
export const api = (engine: Engine, stateMachines: StateMachines): Service => {
  const actions: Actions = {
    ...stateMachineActions(engine, stateMachines),
    ...executionActions(engine, stateMachines),
    ...mapRunActions(engine),
    ...taskActions(engine),
  };
  return async (request) => {
    try {
      const target = String(request.headers['x-amz-target'] ?? '');
      const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
      if (!Object.hasOwn(actions, name))
        throw new ApiError(
          'UnknownOperationException',
          `The local Step Functions does not know the operation '${name || target}'`,
        );
      return respond(200, actions[name]!(apiInput(request.body)));
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      return respond(thrown.status, { __type: thrown.code, message: thrown.message });
    }
  };
};

const respond = (status: number, body: Record<string, unknown>) => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
  body: JSON.stringify(body),
});

/** As the protocol writes points in time. */
export const epochSeconds = (date: Date) => date.getTime() / 1000;
