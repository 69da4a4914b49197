import { trusts } from '../iam/trust.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Context } from './resource.ts';

/** Refuses a role that Lambda can't assume, in the words of CreateFunction. */
export const checkLambdaRole = (roleArn: string, functionArn: string, context: Context): void => {
  if (isTrusted(roleArn, 'lambda', functionArn, context)) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `The role defined for the function cannot be assumed by Lambda. (${roleArn} does not trust lambda.amazonaws.com.)`,
  );
};

/** Refuses a role that Step Functions can't assume, in the words of CreateStateMachine. */
export const checkStatesRole = (roleArn: string, stateMachineArn: string, context: Context): void => {
  if (isTrusted(roleArn, 'states', stateMachineArn, context)) return;
  throw new AwsError(
    'AccessDeniedException',
    `Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role. (${roleArn})`,
  );
};

/** Refuses a role that EventBridge Scheduler can't assume, in the words of CreateSchedule. */
export const checkSchedulerRole = (roleArn: string, groupArn: string, context: Context): void => {
  if (isTrusted(roleArn, 'scheduler', groupArn, context)) return;
  throw new AwsError(
    'ValidationException',
    `The execution role you provide must allow AWS EventBridge Scheduler to assume the role. (${roleArn})`,
  );
};

/** Refuses a role that EventBridge can't assume, in the words of PutTargets. */
export const checkEventsRole = (roleArn: string, ruleArn: string, context: Context): void => {
  if (isTrusted(roleArn, 'events', ruleArn, context)) return;
  throw new AwsError(
    'ValidationException',
    `Provided role '${roleArn}' cannot be assumed by principal 'events.amazonaws.com'.`,
  );
};

const isTrusted = (roleArn: string, service: string, sourceArn: string, { services, place }: Context) =>
  trusts(place, services.roles.find(roleArn).trust.Statement, service, sourceArn);
