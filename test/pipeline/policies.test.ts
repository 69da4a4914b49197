import { describe, expect, test } from 'vitest';
import { RestorePoint } from '../../lib/pipeline/restore-point-props.ts';
import {
  actionsOf,
  flaws,
  keysOf,
  logAndTrace,
  policies,
  resourcesFor,
  resourcesOf,
  resourcesWithWildcard,
  type Statement,
  size,
  statementsIn,
  trustOf,
} from './statements.ts';
import { ofType, pipelineTemplate, sampleApp } from './template.ts';

const { staging, production } = await sampleApp();
const environments = [
  { environment: 'staging', template: staging },
  { environment: 'production', template: production },
];

/** All that each role may do besides. A permission that is not written down here is one that nobody has agreed to. */
const actions: Record<string, string[]> = {
  Admit: [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    's3:GetObject',
    'sns:ListSubscriptionsByTopic',
    'states:DescribeExecution',
    ...['kms:Verify', 's3:GetObjectVersion', 's3:ListBucketVersions', 's3:PutObject'],
  ],
  Lint: ['s3:GetObject', 's3:PutObject'],
  Discover: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances', 's3:GetObject', 's3:PutObject'],
  InspectCluster: ['rds-data:ExecuteStatement', 's3:GetObject', 'secretsmanager:GetSecretValue'],
  Measure: ['rds-data:ExecuteStatement', 's3:GetObject', 's3:PutObject', 'secretsmanager:GetSecretValue'],
  Plan: [
    ...['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 's3:GetObject', 's3:PutObject', 'sns:Publish'],
    ...['rds:DescribeAccountAttributes', 'rds:DescribeDBClusterSnapshots'],
    ...['kms:Verify', 's3:GetObjectVersion', 's3:ListBucketVersions'],
  ],
  RequestApproval: [
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 's3:GetObject', 'sns:Publish'],
    ...['states:SendTaskFailure', 'states:SendTaskSuccess'],
  ],
  Gate: ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'states:DescribeExecution', 'states:DescribeMapRun'],
  EnsureRestorePoint: [
    ...['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    ...['rds:AddTagsToResource', 'rds:CreateDBClusterSnapshot', 'rds:DeleteDBClusterSnapshot'],
    'rds:DescribeDBClusterSnapshots',
  ],
  Apply: [
    ...['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ...['rds-data:ExecuteStatement', 's3:GetObject', 'secretsmanager:GetSecretValue'],
  ],
  Verify: [
    ...['dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ...['rds-data:ExecuteStatement', 's3:GetObject', 'secretsmanager:GetSecretValue'],
  ],
  RecordFailure: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  Hold: [
    ...['dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    ...['s3:GetObject', 'sns:Publish', 'states:SendTaskSuccess'],
  ],
  Converge: [
    ...['dynamodb:Query', 's3:GetObject', 's3:PutObject'],
    ...['rds-data:ExecuteStatement', 'secretsmanager:GetSecretValue'],
  ],
  Report: [
    ...['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 'kms:Sign'],
    ...['s3:GetObject', 's3:PutObject', 'sns:Publish'],
  ],
  AdmitRestore: [
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 's3:GetObject'],
    ...['sns:ListSubscriptionsByTopic', 'states:DescribeExecution'],
  ],
  PlanRestore: [
    ...['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 'rds:DescribeAccountAttributes'],
    ...['rds:DescribeDBClusterSnapshots', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
    ...['s3:GetObject', 's3:PutObject', 'sns:Publish'],
  ],
  AdvanceRestore: [
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ...['rds-data:ExecuteStatement', 'secretsmanager:GetSecretValue', 'states:DescribeExecution'],
    ...['rds:AddTagsToResource', 'rds:CreateDBInstance', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
    ...['rds:DisableHttpEndpoint', 'rds:EnableHttpEndpoint', 'rds:ModifyDBCluster', 'rds:RemoveTagsFromResource'],
    ...['rds:RestoreDBClusterFromSnapshot', 'rds:RestoreDBClusterToPointInTime'],
  ],
  CheckRestored: ['dynamodb:Query'],
  Attest: ['dynamodb:UpdateItem', 'kms:Sign', 's3:PutObject'],
  ReportRestore: [
    ...[
      'kms:Sign',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:GetObject',
      's3:PutObject',
      'sns:Publish',
    ],
  ],
  AdmitPreview: ['s3:GetObject'],
  // It writes nothing down but what a run would do, and tells nobody.
  PlanPreview: [
    'dynamodb:Query',
    ...['rds:DescribeAccountAttributes', 'rds:DescribeDBClusterSnapshots', 's3:GetObject', 's3:PutObject'],
  ],
  FingerprintCluster: ['rds-data:ExecuteStatement', 'secretsmanager:GetSecretValue'],
  FindDrift: [
    ...['dynamodb:GetItem', 'dynamodb:Query', 's3:GetObject', 's3:PutObject'],
    ...['rds-data:ExecuteStatement', 'secretsmanager:GetSecretValue'],
  ],
  TellDrift: ['s3:GetObject', 's3:PutObject', 'sns:Publish'],
  ApprovalPages: [
    'dynamodb:ConditionCheckItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    's3:GetObject',
    'states:SendTaskFailure',
    'states:SendTaskHeartbeat',
    'states:SendTaskSuccess',
  ],
  CloseRun: [
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 'kms:Sign'],
    ...['s3:GetObject', 's3:PutObject', 'sns:Publish', 'states:DescribeExecution'],
  ],
};

/** Where nobody is asked, there is no policy to be read and nobody to be reached; and the first environment is after none. */
const before = ['kms:Verify', 's3:GetObjectVersion', 's3:ListBucketVersions'];
const policyOnly: Record<string, string[]> = {
  Admit: ['sns:ListSubscriptionsByTopic', 's3:PutObject', ...before],
  Plan: before,
  AdmitRestore: ['sns:ListSubscriptionsByTopic', 's3:GetObject'],
  CloseRun: ['s3:GetObject'],
};

const byLambda = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };

const machineActions = [
  'lambda:InvokeFunction',
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  's3:AbortMultipartUpload',
  's3:GetObject',
  's3:GetObjectVersion',
  's3:ListMultipartUploadParts',
  's3:PutObject',
  'states:DescribeExecution',
  'states:RedriveExecution',
  'states:StartExecution',
  'states:StopExecution',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

/** The only actions that AWS can't tie to a resource. */
const anywhere = [
  ...machineActions.filter((it) => it.startsWith('logs:') || it.startsWith('xray:')),
  'rds:DescribeAccountAttributes',
];

const bundles = '<Bundles.Arn>/bundles/*';
const runs = '<Bundles.Arn>/runs/*';
const plans = '<Bundles.Arn>/runs/*/plan.json';
const previewed = ['<Bundles.Arn>/bundles/*', '<Bundles.Arn>/previews/*'];
const previews = '<Bundles.Arn>/runs/_preview/*';
const checks = '<Bundles.Arn>/runs/_drift/*';
const drift = '<Bundles.Arn>/drift/*';
const schemas = '<Bundles.Arn>/schemas/*';
const attestations = '<Bundles.Arn>/attestations/*';
const evidence = '<Bundles.Arn>/evidence/*';
/** What the checks of a bundle's path read: no evidence is asked for. */
const onThePath = ['<OrdersStaging:Bundles.Arn>/attestations/*'];
const rds = 'arn:aws:rds:eu-central-1:123456789012';
/** RDS lists only to who may read any of them. */
const looks = [`${rds}:cluster-snapshot:*`, `${rds}:cluster:*`];

/** Every resource with a wildcard, by the role that has it. */
const wildcards = (environment: string): Record<string, string[]> => {
  const executions = `arn:aws:states:eu-central-1:123456789012:execution:lockstep-orders-${environment}`;
  const secret = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:lockstep/orders-${environment}`;
  const secrets = [`${secret}-1-??????`, `${secret}-2-??????`, `${secret}-3-??????`];
  return {
    Admit: [
      ...[bundles, `${executions}:*`, `${executions}-restore:*`],
      ...(environment === 'production'
        ? [...onThePath, '<OrdersStaging:Bundles.Arn>/bundles/*', '<Bundles.Arn>/runs/*/promotion.json']
        : []),
    ],
    Lint: [...previewed, '<Bundles.Arn>/runs/*/lint.json'],
    Discover: [runs, ...['cluster', 'db'].map((kind) => `arn:aws:rds:eu-central-1:123456789012:${kind}:*`)],
    InspectCluster: [...previewed, ...secrets],
    Measure: [...previewed, runs, '<Bundles.Arn>/runs/*/facts.json', ...secrets],
    Plan: [...[bundles, runs, drift, ...looks], ...(environment === 'production' ? onThePath : [])],
    RequestApproval: [bundles, plans],
    Gate: [`${executions.replace(':execution:', ':mapRun:')}/*`, `${executions}:*`],
    Hold: [bundles, plans],
    EnsureRestorePoint: [...looks, `${rds}:cluster-snapshot:lockstep-*`],
    Apply: [bundles, ...secrets],
    Verify: [bundles, ...secrets],
    RecordFailure: [],
    Converge: [runs, schemas, '<Bundles.Arn>/runs/*/differences.json', ...secrets],
    Report: [runs, attestations],
    Attest: [evidence],
    AdmitRestore: [`${executions}:*`, `${executions}-restore:*`],
    PlanRestore: [runs, ...looks, `${rds}:db:*`],
    AdvanceRestore: [
      ...[`${rds}:cluster:*`, `${rds}:db:*`, `${rds}:cluster:lockstep-*`, `${rds}:db:lockstep-*`],
      ...[`${rds}:cluster-snapshot:lockstep-*`, `${rds}:cluster:*-before-????????????`],
      ...[`${rds}:cluster-pg:*`, `${rds}:pg:*`, `${rds}:subgrp:*`, ...secrets, `${executions}-restore:*`],
    ],
    CheckRestored: [],
    ReportRestore: [runs, attestations],
    AdmitPreview: previewed,
    PlanPreview: [...previewed, previews, '<Bundles.Arn>/runs/_drift/*/report.json', plans, ...looks],
    PreviewMachine: [previews, `${executions}-preview/*`, `${executions}-preview:*`],
    RestoreMachine: [runs, `${executions}-restore/*`, `${executions}-restore:*`],
    FingerprintCluster: secrets,
    FindDrift: [checks, drift, schemas, plans, ...secrets],
    TellDrift: [checks],
    DriftMachine: [runs, `${executions}-drift/*`, `${executions}-drift:*`],
    ApprovalPages: [bundles, plans],
    CloseRun: [attestations, `${executions}:*`, `${executions}-restore:*`],
    StateMachine: [runs, `${executions}/*`, `${executions}:*`],
  };
};

describe.each(environments)('the roles of $environment', ({ environment, template }) => {
  const roles = policies(template);

  test('may do what is written down here and nothing else', () => {
    const found = Object.fromEntries(
      [...roles].map(([role, it]) => [role, [...new Set(it.flatMap(actionsOf))].sort()]),
    );
    const agreed = Object.entries(actions).map(([role, own]) => [
      role,
      [...own, ...logAndTrace]
        .filter((it) => environment === 'production' || !(policyOnly[role] ?? []).includes(it))
        .sort(),
    ]);
    const machines = Object.fromEntries(
      ['StateMachine', 'RestoreMachine', 'PreviewMachine', 'DriftMachine'].map((it) => [it, machineActions]),
    );
    expect(found).toEqual({ ...Object.fromEntries(agreed), ...machines });
  });

  test('may do it to all resources only where AWS knows none', () => {
    for (const statement of [...roles.values()].flat().filter((it) => resourcesOf(it).includes('*'))) {
      expect(anywhere).toEqual(expect.arrayContaining(actionsOf(statement)));
      expect(statement.Resource).toBe('*');
    }
  });

  test('have the wildcards in resources that are written down here', () => {
    const found = [...roles].map(([role, it]) => [role, resourcesWithWildcard(it)]);
    const agreed = Object.entries(wildcards(environment)).map(([role, own]) => [role, own.toSorted()]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(agreed));
  });

  test("let SQL reach the fleet's clusters, with its secrets, from few functions only", () => {
    const clusters = [1, 2, 3].map((it) => `arn:aws:rds:eu-central-1:123456789012:cluster:orders-${environment}-${it}`);
    const data = [...roles].map(([role, it]) => [role, resourcesFor(it, /^rds-data:/)] as const);
    expect(data.filter(([, it]) => it.length > 0)).toEqual([
      ['InspectCluster', clusters],
      ['Measure', clusters],
      ['Apply', clusters],
      ['Verify', clusters],
      ['Converge', clusters],
      ['AdvanceRestore', [`${rds}:cluster:*-before-????????????`, `${rds}:cluster:lockstep-*`, ...clusters]],
      ['FingerprintCluster', clusters],
      ['FindDrift', clusters],
    ]);
    expect(resourcesFor(roles.get('EnsureRestorePoint')!, /^rds:CreateDBClusterSnapshot$/).sort()).toEqual([
      'arn:aws:rds:eu-central-1:123456789012:cluster-snapshot:lockstep-*',
      ...clusters,
    ]);
  });

  test('keep what previews from everything that carries a run out', () => {
    expect(resourcesFor(roles.get('PreviewMachine')!, /^lambda:/)).toEqual([
      ...[
        '<AdmitPreview.Arn>',
        '<Discover.Arn>',
        '<InspectCluster.Arn>',
        '<Lint.Arn>',
        '<Measure.Arn>',
        '<PlanPreview.Arn>',
      ],
    ]);
    expect(resourcesFor(roles.get('PlanPreview')!, /^s3:PutObject$/)).toEqual([previews]);
    expect(keysOf(roles.get('PlanPreview')!)).toEqual({ 'dynamodb:Query': ['EXPECTED'] });
    // And a bundle that nobody may run yet from a run.
    const reading = [...roles].filter(([, it]) => resourcesFor(it, /^s3:/).includes('<Bundles.Arn>/previews/*'));
    expect(reading.map(([role]) => role).sort()).toEqual([
      'AdmitPreview',
      'InspectCluster',
      'Lint',
      'Measure',
      'PlanPreview',
    ]);
  });

  test('keep the approval pages from starting runs, from databases and from secrets', () => {
    const pages = roles.get('ApprovalPages')!;
    expect(pages.flatMap(actionsOf).filter((it) => /^(rds|secretsmanager|states:Start)/.test(it))).toEqual([]);
    expect(resourcesFor(pages, /^states:/)).toEqual([
      `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}`,
      `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}-restore`,
    ]);
    expect(keysOf(pages)).toEqual({
      'dynamodb:GetItem': ['APPROVAL#*', 'CONTROL#*', 'LEASE', 'LINK#*', 'RUN#*', 'STARTER#*'],
      // It makes no links, by which it would be others who decide, and writes nothing of what a run did.
      'dynamodb:PutItem': ['APPROVAL#*', 'CONTROL#*', 'SEEN#*', 'STARTER#*'],
      'dynamodb:ConditionCheckItem': ['RUN#*'],
      'dynamodb:UpdateItem': ['LINK#*'],
      'dynamodb:Query': ['APPROVALS', 'APPROVAL#*'],
    });
  });

  test('let whoever closes stopped runs write of them that they have ended, and what is attested', () => {
    expect(keysOf(roles.get('CloseRun')!)).toEqual({
      'dynamodb:GetItem': ['APPROVAL#*', 'ATTESTATIONS', 'RUN#*'],
      'dynamodb:Query': ['APPROVAL#*', 'ATTESTATIONS', 'RUN#*'],
      'dynamodb:PutItem': ['APPROVAL#*'],
      'dynamodb:UpdateItem': ['ATTESTATIONS', 'LEASE', 'RUN#*'],
    });
  });

  test('are used by the service that they are for, the workflow by this one state machine', () => {
    const trust = ofType(template, 'AWS::IAM::Role').map(({ id, properties }) => [id, trustOf(properties)]);
    const functions = Object.keys(actions).map((it) => [`${it}Role`, [byLambda]]);
    const byMachine = (end: string) => [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'states.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': '123456789012' },
          ArnLike: {
            'aws:SourceArn': `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}${end}`,
          },
        },
      },
    ];
    expect(Object.fromEntries(trust)).toEqual({
      ...Object.fromEntries(functions),
      StateMachineRole: byMachine(''),
      RestoreMachineRole: byMachine('-restore'),
      PreviewMachineRole: byMachine('-preview'),
      DriftMachineRole: byMachine('-drift'),
    });
  });

  test('have no policy besides those looked at here', () => {
    for (const { properties } of ofType(template, 'AWS::IAM::Role')) {
      expect(Object.keys(properties).sort()).toEqual(['AssumeRolePolicyDocument', 'Description']);
    }
  });

  test('leave the functions to be called by the pages of this API and the rule on ended runs only, besides the workflow', () => {
    const source = 'arn:aws:execute-api:eu-central-1:123456789012:<ApprovalApi>/*/*';
    const all = ofType(template, 'AWS::Lambda::Permission').map(({ properties }) => properties);
    const [byRule, ...more] = all.filter(({ Principal }) => Principal === 'events.amazonaws.com');
    expect([byRule, more]).toEqual([
      {
        ...{ Action: 'lambda:InvokeFunction', FunctionName: '<CloseRun.Arn>', Principal: 'events.amazonaws.com' },
        SourceArn: '<RunEnded.Arn>',
      },
      [],
    ]);
    const permissions = all.filter((it) => it !== byRule);
    for (const it of permissions) {
      expect(it).toMatchObject({
        ...{
          Action: 'lambda:InvokeFunction',
          FunctionName: String(it.SourceArn).includes('/evidence/') ? '<Attest.Arn>' : '<ApprovalPages.Arn>',
          Principal: 'apigateway.amazonaws.com',
        },
      });
    }
    expect([...new Set(permissions.map(({ SourceArn }) => String(SourceArn).replace(source, '')))]).toEqual([
      ...['/approvals/{id}', '/requests', '/runs/{run}/approval', '/runs/{run}/announcement', '/runs/{run}/decision'],
      ...['/runs/{run}/control', '/bundles/{digest}/evidence/{name}'],
    ]);
  });
});

describe.each(environments)('all policies of $environment', ({ template }) => {
  test('allow no action with a wildcard, nothing by exception, and nothing of IAM itself', () => {
    const statements = template.flatMap(({ properties }) => statementsIn(properties));
    expect(statements.length).toBeGreaterThan(60);
    expect(statements.flatMap(flaws)).toEqual([]);
  });
});

describe('the role that makes restore points', () => {
  const of = async (restorePoint: RestorePoint) =>
    policies(await pipelineTemplate({ restorePoint })).get('EnsureRestorePoint')!;
  const own = (statements: Statement[], action: string) => resourcesFor(statements, new RegExp(`^${action}$`)).sort();

  test('may clone the fleet, and delete nothing but what bears our prefix', async () => {
    const statements = await of(RestorePoint.clone());
    expect(statements.flatMap(actionsOf).filter((it) => /snapshot/i.test(it))).toEqual([]);
    expect(own(statements, 'rds:DeleteDBCluster')).toEqual([`${rds}:cluster:lockstep-*`]);
    expect(own(statements, 'rds:AddTagsToResource')).toEqual([`${rds}:cluster:lockstep-*`]);
    expect(own(statements, 'rds:RestoreDBClusterToPointInTime')).toEqual([
      ...[`${rds}:cluster-pg:*`, `${rds}:cluster:lockstep-*`, `${rds}:cluster:one`, `${rds}:subgrp:*`],
    ]);
  });

  test('may look only, where a point in time is enough', async () => {
    const actions = (await of(RestorePoint.pointInTime())).flatMap(actionsOf).filter((it) => it.startsWith('rds'));
    expect(actions).toEqual(['rds:DescribeDBClusters']);
  });
});

test('what is wrong with a statement is told', () => {
  const statement = { Effect: 'Allow', Resource: '*' };
  expect(flaws({ ...statement, Action: 's3:*' })).toEqual(['s3:* has a wildcard']);
  expect(flaws({ ...statement, Action: ['s3:GetObject', 'iam:PassRole'] })).toEqual(['iam:PassRole is of IAM itself']);
  expect(flaws({ Effect: 'Allow', NotAction: 's3:GetObject', Resource: '*' })).toEqual(['NotAction allows the rest']);
  expect(flaws({ ...statement, Effect: 'Deny', Action: 's3:*' })).toEqual([]);
});

test('the policies for 200 clusters keep to the sizes that IAM takes', async () => {
  const fleet = Array.from({ length: 200 }, (_, at) => ({
    cluster: `orders-production-${at + 1}`,
    secret: `lockstep/orders-production-${at + 1}`,
    databases: ['acme'],
  }));
  const template = await pipelineTemplate({ fleet });
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  const limits = { 'AWS::IAM::Policy': 10_240, 'AWS::IAM::ManagedPolicy': 6_144 };
  for (const [type, limit] of Object.entries(limits)) {
    for (const { properties } of ofType(template, type)) expect(size(properties.PolicyDocument)).toBeLessThan(limit);
  }
  const overflow = ofType(template, 'AWS::IAM::ManagedPolicy').map(({ properties }) => String(properties.Roles));
  expect(overflow.filter((it) => it === '<ApplyRole>').length).toBeLessThanOrEqual(10);
  expect(resourcesFor(policies(template).get('Apply')!, /^rds-data:/)).toHaveLength(200);
});
