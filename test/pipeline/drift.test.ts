import { createRequire } from 'node:module';
import { Duration, TimeZone } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { describe, expect, test } from 'vitest';
import type { State, StateMachine } from '../../lib/pipeline/asl.ts';
import { driftWorkflow } from '../../lib/pipeline/drift-workflow.ts';
import { driftTasks } from '../../lib/pipeline/invoke.ts';
import { allStates, onCycle, waysAround } from './paths.ts';
import { ofType, only, pipelineTemplate } from './template.ts';

const functionArn = (task: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${task}`;
const made = (it: Parameters<typeof driftWorkflow>[0]): StateMachine => JSON.parse(JSON.stringify(driftWorkflow(it)));

describe('a check for drift', () => {
  const definition = made({ functionArn, bucket: 'bundles' });

  test('is sound in the eyes of asl-validator', () => {
    const validate = createRequire(import.meta.url)('asl-validator');
    expect(validate(structuredClone(definition)).errors).toEqual([]);
  });

  test('reports whatever happens, and comes back to nothing', () => {
    expect(waysAround(definition, 'TellDrift')).toEqual([]);
    expect(onCycle(definition)).toEqual([]);
  });

  test('calls nothing that could change a database', () => {
    const called = allStates(definition)
      .filter((it): it is [string, State & { Type: 'Task' }] => it[1].Type === 'Task')
      .map(([, { Arguments }]) => (Arguments as { FunctionName: string }).FunctionName);
    expect(new Set(called)).toEqual(new Set([...driftTasks, 'Discover'].map(functionArn)));
  });

  test('is what is deployed', async () => {
    const template = await pipelineTemplate({});
    const { DefinitionString } = only(template, 'AWS::StepFunctions::StateMachine', 'DriftMachine');
    const expected = made({ functionArn: (task) => `<${task}.Arn>`, bucket: '<Bundles>' });
    expect(JSON.parse(DefinitionString as string)).toEqual(expected);
  });
});

describe('the schedule of a check', () => {
  test('is none unless it is asked for', async () => {
    expect(ofType(await pipelineTemplate({}), 'AWS::Scheduler::Schedule')).toEqual([]);
  });

  test('starts it in its time zone, by a role that can do nothing else and that no other schedule group has', async () => {
    const schedule = ScheduleExpression.cron({ hour: '5', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });
    const template = await pipelineTemplate({ drift: { schedule } });
    expect(only(template, 'AWS::Scheduler::Schedule', 'DriftSchedule')).toMatchObject({
      ...{ ScheduleExpression: 'cron(0 5 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin' },
      ...{ FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Input: '{}' } },
    });
    const role = JSON.stringify(only(template, 'AWS::IAM::Role', 'DriftScheduleRole'));
    expect(role).toContain('schedule-group/default');
    const policy = JSON.stringify(only(template, 'AWS::IAM::Policy', 'DriftScheduleRoleDefaultPolicy'));
    expect(policy.match(/"Action"/g)).toHaveLength(1);
    expect(policy).toMatch(/"states:StartExecution".*stateMachine:lockstep-.*-drift"/);
  });
});

test.each([
  ['warn', {}],
  ['warn', { drift: { policy: 'warn' as const } }],
  ['block', { drift: { policy: 'block' as const } }],
])('a plan is made to %s', async (policy, props) => {
  const template = await pipelineTemplate(props);
  expect(only(template, 'AWS::Lambda::Function', 'Plan')).toMatchObject({
    Environment: { Variables: { DRIFT: policy } },
  });
});

test('a schedule that comes once is refused', async () => {
  const schedule = ScheduleExpression.at(new Date('2026-01-05T05:00:00Z'));
  await expect(pipelineTemplate({ drift: { schedule } })).rejects.toThrow(
    /drift\.schedule\.expressionString: a schedule that recurs: ScheduleExpression\.cron or \.rate/,
  );
  expect(await pipelineTemplate({ drift: { schedule: ScheduleExpression.rate(Duration.hours(6)) } })).toBeDefined();
});
