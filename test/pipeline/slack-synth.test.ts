import { describe, expect, test } from 'vitest';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import { actionsOf, keysOf, logAndTrace, policies, resourcesFor } from './statements.ts';
import { ofType, only, pipelineTemplate, SHARED_CALENDAR, slackApp } from './template.ts';

const { template, outputs, report } = await slackApp();

describe('a pipeline with a Slack app and a domain of its own, after another one', () => {
  test("has no finding of cdk-nag's that is not acknowledged, nor has the one before", () => {
    expect(report.pluginReports).toMatchObject([{ pluginName: 'AwsSolutions', conclusion: 'success', violations: [] }]);
  });

  test('sends each of its people by mail what is meant for them, and nobody else', () => {
    expect(ofType(template, 'AWS::SNS::Subscription').map(({ properties }) => properties)).toMatchObject([
      { Endpoint: 'ada@example.com', FilterPolicy: { approver: ['Ada'] } },
      { Endpoint: 'cleo@example.com', FilterPolicy: { approver: ['Cleo'] } },
    ]);
  });

  test('hears Slack by one function, and decides by another', () => {
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(({ properties }) => properties);
    expect(routes.filter(({ RouteKey }) => String(RouteKey).includes('slack'))).toMatchObject([
      { RouteKey: 'POST /slack/interactions', AuthorizationType: 'NONE' },
    ]);
    const { Environment, Timeout, MemorySize } = only(template, 'AWS::Lambda::Function', 'SlackInteractions') as {
      Environment: { Variables: Record<string, string> };
      Timeout: number;
      MemorySize: number;
    };
    expect(Environment.Variables).toMatchObject({
      ...{ SLACK_TEAM: 'T012AB3CD', SLACK_CHANNEL: 'C012AB3CD', SLACK_SECRET: 'lockstep/slack' },
      DECISION_FUNCTION: '<SlackDecision>',
    });
    expect([Timeout, MemorySize]).toEqual([10, 1024]);
    expect(only(template, 'AWS::Lambda::Function', 'SlackDecision')).toMatchObject({ Timeout: 60 });
  });

  test('is found under its own name only, and says where that has to point', () => {
    expect(only(template, 'AWS::ApiGatewayV2::Api')).toMatchObject({ DisableExecuteApiEndpoint: true });
    expect(only(template, 'AWS::ApiGatewayV2::DomainName')).toMatchObject({ DomainName: 'approve.example.com' });
    expect(ofType(template, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    const { Value } = only(template, 'AWS::SSM::Parameter') as { Value: string };
    expect(JSON.parse(Value)).toMatchObject({ approvalUrl: 'https://approve.example.com' });
    const { Environment } = only(template, 'AWS::Lambda::Function', 'RequestApproval');
    expect(Environment).toMatchObject({ Variables: { APPROVAL_URL: 'https://approve.example.com' } });
    expect(JSON.stringify(outputs)).toContain('Point approve.example.com here');
    expect(JSON.stringify(outputs)).toContain('RegionalDomainName');
  });

  test('knows the bucket of the environment before', () => {
    const { Environment } = only(template, 'AWS::Lambda::Function', 'Plan') as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(JSON.parse(String(Environment.Variables.PLACES))).toMatchObject({
      staging: { bucket: '<Staging:Bundles>' },
    });
  });
});

describe('its roles', () => {
  const roles = policies(template);

  test('the function that hears what is pressed may remember it and hand it over, and nothing else', () => {
    const hears = roles.get('SlackInteractions')!;
    expect([...new Set(hears.flatMap(actionsOf))].filter((it) => !logAndTrace.includes(it)).sort()).toEqual([
      ...['dynamodb:GetItem', 'dynamodb:PutItem', 'lambda:InvokeFunction', 'secretsmanager:GetSecretValue'],
    ]);
    expect(keysOf(hears)).toEqual({ 'dynamodb:GetItem': ['APPROVAL#*'], 'dynamodb:PutItem': ['SEEN#*'] });
    expect(resourcesFor(hears, /^lambda:/)).toEqual(['<SlackDecision.Arn>']);
  });

  test('the function that takes decisions may write requests and orders, and tell its own state machines', () => {
    const takes = roles.get('SlackDecision')!;
    expect([...new Set(takes.flatMap(actionsOf))].filter((it) => !logAndTrace.includes(it)).sort()).toEqual([
      ...['dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'secretsmanager:GetSecretValue'],
      ...['states:SendTaskFailure', 'states:SendTaskHeartbeat', 'states:SendTaskSuccess'],
    ]);
    expect(keysOf(takes)).toEqual({
      'dynamodb:GetItem': ['APPROVAL#*', 'CONTROL#*'],
      'dynamodb:PutItem': ['APPROVAL#*', 'CONTROL#*'],
      'dynamodb:ConditionCheckItem': ['RUN#*'],
    });
    expect(resourcesFor(takes, /^states:/)).toEqual([
      'arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-production',
      'arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-production-restore',
    ]);
  });

  test("Slack's secret is read by those who speak there, and no database's secret is", () => {
    const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:lockstep/slack-??????';
    const readers = [...roles].filter(([, it]) => resourcesFor(it, /^secretsmanager:/).includes(secret));
    expect(readers.map(([role]) => role).sort()).toEqual([
      ...['ApprovalPages', 'CloseRun', 'Hold', 'Park', 'Plan', 'PlanRestore', 'Report', 'ReportRestore'],
      ...['RequestApproval', 'SlackDecision', 'SlackInteractions', 'TellDrift'],
    ]);
    for (const [, it] of readers) expect(resourcesFor(it, /^secretsmanager:/)).toEqual([secret]);
  });

  test('change calendars are asked by those who let a run in or on, and no other document is', () => {
    const asking = [...roles].filter(([, it]) => resourcesFor(it, /^ssm:/).length > 0);
    const documents = ['arn:aws:ssm:eu-central-1:123456789012:document/changes', SHARED_CALENDAR];
    expect(asking.map(([role, it]) => [role, resourcesFor(it, /^ssm:/).sort()])).toEqual([
      ['Admit', documents],
      ['Gate', documents],
    ]);
    const actions = asking.flatMap(([, it]) => it.flatMap(({ Action }) => [Action].flat()));
    expect(new Set(actions.filter((it) => it.startsWith('ssm:')))).toEqual(new Set(['ssm:GetCalendarState']));
  });

  test('a run is woken by who parks it, and that is all that can be done with the state machine', () => {
    expect(keysOf(roles.get('Park')!)).toEqual({
      'dynamodb:GetItem': ['APPROVAL#*', 'CONTROL#*'],
      'dynamodb:PutItem': ['APPROVAL#*', 'CONTROL#*'],
    });
    expect(resourcesFor(roles.get('Park')!, /^states:/)).toEqual([
      'arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-production',
    ]);
  });

  test('of the environment before, those who check the path read what is attested, and bundles; nobody else reads anything', () => {
    const elsewhere = [...roles].flatMap(([role, it]) =>
      resourcesFor(it, /^s3:/).flatMap((one) => (one.includes('<Staging:') ? [[role, one]] : [])),
    );
    expect(elsewhere.toSorted()).toEqual([
      ['Admit', '<Staging:Bundles.Arn>'],
      ['Admit', '<Staging:Bundles.Arn>/attestations/*'],
      ['Admit', '<Staging:Bundles.Arn>/bundles/*'],
      ['Plan', '<Staging:Bundles.Arn>'],
      ['Plan', '<Staging:Bundles.Arn>/attestations/*'],
    ]);
  });
});

test('a webhook hears and decides nothing: there is neither route nor function for it', async () => {
  const webhook = await pipelineTemplate({
    approval: Approval.by({
      people: [{ name: 'Ada', mail: 'ada@example.com' }],
      slack: { mode: 'webhook', secret: 'lockstep/slack' },
    }),
  });
  const names = ofType(webhook, 'AWS::Lambda::Function').map(({ id }) => id);
  expect(names.filter((it) => it.startsWith('Slack'))).toEqual([]);
  const routes = ofType(webhook, 'AWS::ApiGatewayV2::Route').map(({ properties }) => String(properties.RouteKey));
  expect(routes.filter((it) => it.includes('slack'))).toEqual([]);
  expect(only(webhook, 'AWS::Lambda::Function', 'Report').Environment).toMatchObject({
    Variables: { SLACK_SECRET: 'lockstep/slack' },
  });
});
