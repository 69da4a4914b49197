import { z } from 'zod';
import { DETAIL_TYPE, SOURCE } from '../../events/execution-status-change.ts';
import { pattern } from '../../events/pattern.ts';
import { UnresolvableTemplate } from '../../template/template.ts';
import { type Context, ignored, type Resource, resource } from '../resource.ts';
import { checkEventsRole } from '../trust.ts';

/** A rule on what is sent here: the status of executions. Of any other kind one is taken only if it is switched off. */
export const rule: Resource = resource(
  {
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Name: z.string().optional(),
    Description: ignored,
    EventPattern: z.unknown().optional(),
    ScheduleExpression: z.string().optional(),
    Targets: z.unknown().optional(),
    EventBusName: z.string().optional(),
    RoleArn: ignored,
  },
  (it, context) => {
    const { name, arn, services } = context;
    const ruleName = it.Name ?? name(64);
    const ruleArn = arn('events', `rule/${ruleName}`);
    if (it.State === 'DISABLED') services.rules.remove(ruleArn);
    else {
      if (it.ScheduleExpression !== undefined || it.EventBusName) throw unsent(context);
      services.rules.put({
        arn: ruleArn,
        pattern: patternOf(it.EventPattern, context),
        targets: parsed(targets, it.Targets ?? [], 'Targets', context).map(({ Arn, Input, RoleArn }) => {
          if (RoleArn !== undefined) checkEventsRole(RoleArn, ruleArn, context);
          return { arn: Arn, input: Input, roleArn: RoleArn };
        }),
      });
    }
    return { ref: ruleName, attributes: { Arn: ruleArn } };
  },
);

// What can be delivered here is delivered at once.
const common = { Id: z.string(), RetryPolicy: ignored };
const TARGETS = 'targets are functions here, or with a role the default event buses of other accounts';
const aFunction = /^arn:[^:]+:lambda:/;
const aBus = /^arn:[^:]+:events:[^:]+:\d{12}:event-bus\/default$/;

const targets = z.array(
  z.union(
    [
      z.strictObject({
        ...common,
        Arn: z.string().regex(aFunction, TARGETS),
        Input: z.string().optional(),
        RoleArn: z.never().optional(),
      }),
      z.strictObject({
        ...common,
        Arn: z.string().regex(aBus, TARGETS),
        Input: z.never().optional(),
        RoleArn: z.string(),
      }),
    ],
    TARGETS,
  ),
);

const patternOf = (given: unknown, context: Context) => {
  const found = parsed(pattern, given, 'EventPattern', context);
  const asksFor = (member: string, value: string) => JSON.stringify(found[member]) === JSON.stringify([value]);
  if (asksFor('source', SOURCE) && asksFor('detail-type', DETAIL_TYPE)) return found;
  throw unsent(context);
};

const unsent = ({ stack, logicalId }: Context) =>
  new UnresolvableTemplate({
    ...{ stack, path: `${logicalId}.Properties` },
    problem: `this rule would fire on AWS, but not here: only a rule with State DISABLED can be had, or one whose EventPattern has the source ["${SOURCE}"] and the detail-type ["${DETAIL_TYPE}"] and that is on the default bus.`,
  });

const parsed = <Schema extends z.ZodType>(schema: Schema, value: unknown, member: string, context: Context) => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UnresolvableTemplate({
    stack: context.stack,
    path: [context.logicalId, 'Properties', member, ...path].join('.'),
    problem: `the local cloud doesn't honour this: ${message}.`,
  });
};
