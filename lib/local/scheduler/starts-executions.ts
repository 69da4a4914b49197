import { randomUUID } from 'node:crypto';
import type { Authorizer } from '../iam/authorizer.ts';
import { sessionArn } from '../iam/sessions.ts';
import type { Place } from '../service.ts';
import type { StepFunctions } from '../step-functions/step-functions.ts';
import type { Schedule } from './schedules.ts';

/** Starts the executions of schedules, each as its schedule's role: only what that role is allowed to. */
export const startsExecutions =
  (place: Place, { refusal }: Pick<Authorizer, 'refusal'>, { start }: Pick<StepFunctions, 'start'>) =>
  async ({ arn, roleArn, input }: Schedule['target']): Promise<void> => {
    const principal = sessionArn(place, roleArn, randomUUID().replaceAll('-', ''));
    const refused = refusal(principal, [{ action: 'states:StartExecution', resource: arn }]);
    if (refused !== undefined) throw new Error(refused);
    start(arn, input);
  };
