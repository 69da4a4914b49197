import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { openCloud } from '../../../lib/local/cloud.ts';
import { isMatch, pattern } from '../../../lib/local/events/pattern.ts';
import { assemblyOf, clientOf, temporary } from '../cloud-harness.ts';
import { until } from '../step-functions/lab.ts';

const trust = (Service: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
    },
  },
});
const machine = (states: object) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': ['States', 'Arn'] },
    DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states }),
  },
});
const status = 'Step Functions Execution Status Change';

/** Two state machines, and a function that is told when the first one fails; it writes what it was told to its log. */
const resources = (rule: object = {}, permission: object = {}) => ({
  States: trust('states.amazonaws.com'),
  Runs: trust('lambda.amazonaws.com'),
  Failing: machine({ F: { Type: 'Fail', Error: 'Bad', Cause: 'so it is' } }),
  Passing: machine({ P: { Type: 'Succeed' } }),
  Told: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...{ FunctionName: 'told', Handler: 'index.handler', Runtime: `nodejs${process.versions.node.split('.')[0]}.x` },
      ...{ Role: { 'Fn::GetAtt': ['Runs', 'Arn'] } },
      Code: { ZipFile: 'exports.handler = async (event) => console.log("TOLD" + JSON.stringify(event));' },
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        ...{ source: ['aws.states'], 'detail-type': [status] },
        detail: { stateMachineArn: [{ Ref: 'Failing' }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Told', 'Arn'] } }],
      State: 'ENABLED',
      ...rule,
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      ...{ Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Told' }, Principal: 'events.amazonaws.com' },
      ...{ SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] }, ...permission },
    },
  },
});

const opened = async (template: object) => {
  const directory = temporary();
  const lines: string[] = [];
  const cloud = await openCloud({ directory, clock: virtualClock(), log: (line) => lines.push(line) });
  onTestFinished(() => cloud.stop());
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources: template } }));
  const client = new SFNClient(clientOf(cloud.endpoint));
  const run = (logicalId: string) =>
    client.send(new StartExecutionCommand({ stateMachineArn: stack!.resources[logicalId]!.ref, input: '{"n":1}' }));
  const told = () => {
    const log = join(directory, 'logs', 'told.log');
    try {
      return [...readFileSync(log, 'utf8').matchAll(/TOLD(\{.*\})/g)].map(([, event]) => JSON.parse(event!));
    } catch {
      return [];
    }
  };
  return { client, run, told, lines, stack: stack! };
};

test('a rule on the status of executions invokes its function with AWS’s event', async () => {
  const { client, run, told, stack } = await opened(resources());
  await run('Passing');
  const { executionArn } = await run('Failing');
  await until(() => told().length === 1);
  const [event] = told();
  expect(event).toMatchObject({
    ...{ version: '0', source: 'aws.states', 'detail-type': status, account: '000000000000', region: 'us-east-1' },
    ...{ resources: [executionArn], time: expect.stringMatching(/^2026-01-05T09:00:0\dZ$/) },
    detail: {
      ...{ executionArn, stateMachineArn: stack.resources.Failing!.ref, status: 'FAILED', input: '{"n":1}' },
      ...{ output: null, inputDetails: { included: true }, outputDetails: null, error: 'Bad', cause: 'so it is' },
      ...{ startDate: expect.any(Number), stopDate: expect.any(Number), redriveCount: 0, redriveStatus: 'REDRIVABLE' },
    },
  });
  await client.send(new RedriveExecutionCommand({ executionArn }));
  await until(() => told().length === 2);
  expect(told()[1].detail).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines).toHaveLength(2);
});

test('a function that permits no rule is not invoked, which is told', async () => {
  const { run, told, lines } = await opened(
    resources({}, { SourceArn: 'arn:aws:events:us-east-1:000000000000:rule/x' }),
  );
  await run('Failing');
  await until(() => lines.length > 0);
  expect(lines[0]).toMatch(/rule\/Orders-Rule-\w+ has no permission to invoke .*:function:told$/);
  expect(told()).toEqual([]);
});

test.each([
  ['a schedule', { ScheduleExpression: 'rate(1 hour)', EventPattern: undefined }, 'would fire on AWS, but not here'],
  ['another source', { EventPattern: { source: ['aws.rds'] } }, 'would fire on AWS, but not here'],
  ['any source', { EventPattern: { detail: { status: ['FAILED'] } } }, 'would fire on AWS, but not here'],
  ['a pattern not known here', { EventPattern: { source: [{ cidr: '10.0.0.0/8' }] } }, 'Rule.Properties.EventPattern'],
  ['another target', { Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:us-east-1:1:q' }] }, 'targets are functions here'],
])('a rule on %s is refused', async (_, rule, problem) => {
  await expect(opened(resources(rule))).rejects.toThrow(problem);
});

describe('a pattern', () => {
  const event = {
    source: 'aws.states',
    detail: { status: 'FAILED', name: 'run-1', redriveDate: null, tags: ['a', 'b'] },
  };
  test.each([
    [true, { detail: { status: ['OK', 'FAILED'] } }],
    [false, { detail: { status: ['OK'] } }],
    [true, { detail: { name: [{ prefix: 'run-' }], redriveDate: [null] } }],
    [false, { detail: { name: [{ suffix: '-2' }] } }],
    [true, { detail: { status: [{ 'anything-but': ['OK', 'RUNNING'] }] } }],
    [false, { detail: { status: [{ 'anything-but': 'FAILED' }] } }],
    [true, { detail: { other: [{ exists: false }], tags: ['b'] } }],
    [false, { other: { deep: ['x'] } }],
  ])('says %s for %o', (expected, wanted) => {
    expect(isMatch(pattern.parse(wanted), event)).toBe(expected);
  });
});
