import type { Fail } from '../asl.ts';
import { evaluateAs } from '../jsonata/evaluate.ts';
import { StateError } from '../state-error.ts';
import type { Visit } from '../visit.ts';

export const fail = async (visit: Visit<Fail>): Promise<never> => {
  const { Error: error, Cause: cause } = visit.state;
  throw new StateError(
    error === undefined ? undefined : await evaluateAs(visit, 'Error', error, 'string'),
    cause === undefined ? undefined : await evaluateAs(visit, 'Cause', cause, 'string'),
  );
};
