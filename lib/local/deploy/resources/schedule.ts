import { z } from 'zod';
import { recurrence } from '../../scheduler/expression.ts';
import { ignored, type Resource, resource } from '../resource.ts';
import { checkSchedulerRole } from '../trust.ts';

/** A schedule of EventBridge Scheduler's that starts executions. */
export const schedule: Resource = resource(
  {
    Name: z.string().optional(),
    Description: ignored,
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    GroupName: z.literal('default').default('default'),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.string().default('UTC'),
    FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
    Target: z.strictObject({
      Arn: z.string().regex(/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:/, 'targets are state machines here'),
      RoleArn: z.string(),
      Input: z.string(),
      // What can be delivered here is delivered at once.
      RetryPolicy: ignored,
    }),
  },
  (it, context) => {
    const { name, arn, services } = context;
    const scheduleName = it.Name ?? name(64);
    const scheduleArn = arn('scheduler', `schedule/${it.GroupName}/${scheduleName}`);
    checkSchedulerRole(it.Target.RoleArn, arn('scheduler', `schedule-group/${it.GroupName}`), context);
    const now = services.clock.now().getTime();
    const recurs = recurrence(it.ScheduleExpression, it.ScheduleExpressionTimezone, now);
    if (it.State === 'DISABLED') services.schedules.remove(scheduleArn);
    else {
      const { Arn, RoleArn, Input } = it.Target;
      const target = { arn: Arn, roleArn: RoleArn, input: Input };
      services.schedules.put({ arn: scheduleArn, recurrence: recurs, target });
    }
    return { ref: scheduleName, attributes: { Arn: scheduleArn } };
  },
);
