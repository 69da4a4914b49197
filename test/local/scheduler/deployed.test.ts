import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { openCloud } from '../../../lib/local/cloud.ts';
import { assemblyOf, clientOf, temporary } from '../cloud-harness.ts';
import { until } from '../step-functions/lab.ts';

const role = (Service: string, Condition: object | undefined, statements: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole', ...(Condition ? { Condition } : {}) },
      ],
    },
    Policies: statements.length > 0 ? [{ PolicyName: 'P', PolicyDocument: { Statement: statements } }] : [],
  },
});

const GROUP = 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/default';

/** A state machine that a schedule starts at five. */
const resources = ({ schedule = {}, target = {}, group = GROUP, allows = '*' } = {}) => ({
  States: role('states.amazonaws.com', undefined, []),
  Starts: role('scheduler.amazonaws.com', { StringEquals: { 'aws:SourceArn': group } }, [
    { Effect: 'Allow', Action: 'states:StartExecution', Resource: allows },
  ]),
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: { 'Fn::GetAtt': ['States', 'Arn'] },
      DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'P', States: { P: { Type: 'Succeed' } } }),
    },
  },
  Schedule: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'cron(0 5 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: { Ref: 'Machine' }, RoleArn: { 'Fn::GetAtt': ['Starts', 'Arn'] }, Input: '{"n":1}', ...target },
      ...schedule,
    },
  },
});

const opened = async (template: object) => {
  const lines: string[] = [];
  const clock = virtualClock(new Date('2026-01-05T09:00:00Z'));
  const cloud = await openCloud({ directory: temporary(), clock, log: (line) => lines.push(line) });
  onTestFinished(() => cloud.stop());
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources: template } }));
  const client = new SFNClient(clientOf(cloud.endpoint));
  const stateMachineArn = stack!.resources.Machine!.ref;
  const executions = async () => (await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
  return { clock, lines, client, executions };
};

test('a schedule starts executions, with its input and in its time zone', async () => {
  const schedule = { ScheduleExpressionTimezone: 'America/New_York' };
  const { clock, client, executions } = await opened(resources({ schedule }));
  await clock.sleep(2 * 86_400_000);
  const all = await executions();
  expect(all.map(({ startDate }) => startDate?.toISOString()).toSorted()).toEqual([
    ...['2026-01-05T10:00:00.000Z', '2026-01-06T10:00:00.000Z'],
  ]);
  const { executionArn } = all[0]!;
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ input: '{"n":1}' });
});

test('a schedule that is switched off starts nothing', async () => {
  const { clock, executions } = await opened(resources({ schedule: { State: 'DISABLED' } }));
  await clock.sleep(86_400_000);
  expect(await executions()).toEqual([]);
});

test('what its role may not start is not started, and the log tells', async () => {
  const { clock, executions, lines } = await opened(resources({ allows: 'arn:aws:states:us-east-1:1:stateMachine:x' }));
  await clock.sleep(86_400_000);
  await until(() => lines.length > 0);
  expect(lines[0]).toMatch(/is not authorized to perform: states:StartExecution/);
  expect(await executions()).toEqual([]);
});

test.each([
  [
    'a role that does not trust its group',
    { group: GROUP.replace('default', 'other') },
    'must allow AWS EventBridge Scheduler to assume',
  ],
  [
    'a target that is no state machine',
    { target: { Arn: 'arn:aws:sqs:us-east-1:1:q' } },
    'targets are state machines here',
  ],
  [
    'an expression not understood here',
    { schedule: { ScheduleExpression: 'cron(0 5 L * ? *)' } },
    'day of month L is not understood here',
  ],
  [
    'a flexible time window',
    { schedule: { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } } },
    'Schedule.Properties.FlexibleTimeWindow',
  ],
  ['an end', { schedule: { EndDate: '2026-02-01T00:00:00Z' } }, "doesn't honour this"],
])('a schedule with %s is refused', async (_, it, problem) => {
  await expect(opened(resources(it))).rejects.toThrow(problem);
});
