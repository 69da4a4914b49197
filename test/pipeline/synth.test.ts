import { Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../lib/ledger/metrics.ts';
import { emptyApp, ofType, only, sampleApp } from './template.ts';

const { stacks, staging, production, file } = await sampleApp();
const environments = [
  { environment: 'staging', template: staging },
  { environment: 'production', template: production },
];

describe('the sample app', () => {
  test('is a stack for each environment', () => {
    expect(stacks).toEqual(['OrdersProduction', 'OrdersStaging']);
  });

  test('asks for approval by mail in production only', () => {
    expect(ofType(production, 'AWS::SNS::Subscription').map((it) => it.properties)).toEqual([
      {
        ...{ Protocol: 'email', Endpoint: 'dba@example.com', TopicArn: '<Approvals>' },
        FilterPolicy: { approver: ['dba@example.com'] },
      },
    ]);
    expect(ofType(staging, 'AWS::SNS::Subscription')).toEqual([]);
  });
});

type Report = {
  pluginReports: {
    pluginName: string;
    conclusion: string;
    violations: { ruleName: string }[];
    suppressedViolations: { ruleName: string; reason: string }[];
  }[];
};

describe("cdk-nag's AwsSolutions pack", async () => {
  const { pluginReports }: Report = await file('validation-report.json');

  test('has looked, and has no finding that is not acknowledged', () => {
    expect(pluginReports).toMatchObject([{ pluginName: 'AwsSolutions', conclusion: 'success', violations: [] }]);
  });

  test('has only wildcards in resources and the missing authorizer acknowledged', () => {
    const rules = pluginReports[0]!.suppressedViolations.map(({ ruleName }) => ruleName.replace(/::.*/, ''));
    expect([...new Set(rules)].sort()).toEqual(['AwsSolutions-APIG4', 'AwsSolutions-IAM5[Resource']);
  });

  test('is answered with at least a sentence each time', () => {
    const reasons = new Set(pluginReports[0]!.suppressedViolations.map(({ reason }) => reason));
    expect(reasons.size).toBe(32);
    for (const reason of reasons) expect(reason).toMatch(/^[A-Z].{30,}\.$/);
  });

  test('does find what is wrong with a bucket without any care', async () => {
    const app = await emptyApp();
    new Bucket(new Stack(app, 'Careless'), 'Bucket');
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName).sort()).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10']);
  });
});

/** Seconds that each function may take, and what stands in its environment besides the two that all have. */
const functions: Record<string, { timeout: number; environment: string[] }> = {
  Lint: { timeout: 300, environment: ['BUCKET'] },
  Admit: { timeout: 60, environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE', 'TOPIC'] },
  Discover: { timeout: 900, environment: ['BUCKET', 'ENVIRONMENT', 'FLEET_BUCKET', 'FLEET_KEY', 'SERVICE'] },
  Measure: { timeout: 240, environment: ['BUCKET', 'ENVIRONMENT', 'SERVICE'] },
  InspectCluster: { timeout: 240, environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE'] },
  Plan: {
    timeout: 60,
    environment: [
      ...['BUCKET', 'ENVIRONMENT', 'FLEET_BUCKET', 'FLEET_KEY', 'LEDGER_TABLE', 'RULES', 'SERVICE', 'TOPIC'],
      ...['DRIFT', 'RESTORE_POINT', 'UNFIT', 'VERSION'],
    ],
  },
  RequestApproval: { timeout: 60, environment: ['APPROVAL_URL', 'BUCKET', 'LEDGER_TABLE', 'TOPIC'] },
  Gate: { timeout: 60, environment: ['BUCKET', 'LEDGER_TABLE'] },
  EnsureRestorePoint: {
    timeout: 60,
    environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'RESTORE_POINT', 'SERVICE'],
  },
  Hold: { timeout: 60, environment: ['APPROVAL_URL', 'BUCKET', 'LEDGER_TABLE', 'TOPIC'] },
  Apply: {
    timeout: 240,
    environment: [
      'BUCKET',
      'ENVIRONMENT',
      'GUARD_ROWS',
      'GUARD_SEQUENCES',
      'LEDGER_TABLE',
      'LOCK_PATIENCE',
      'LOCK_TIMEOUT',
      'SERVICE',
      'STATEMENT_TIMEOUT',
    ],
  },
  Verify: { timeout: 240, environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE'] },
  RecordFailure: { timeout: 60, environment: ['BUCKET', 'LEDGER_TABLE'] },
  Converge: { timeout: 240, environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE'] },
  Report: {
    timeout: 60,
    environment: ['ATTESTATION_KEY', 'BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE', 'STATE_MACHINE', 'TOPIC'],
  },
  AdmitRestore: { timeout: 60, environment: ['ENVIRONMENT', 'LEDGER_TABLE', 'RUNS', 'SERVICE', 'TOPIC'] },
  PlanRestore: {
    timeout: 900,
    environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'RULES', 'SERVICE', 'TOPIC', 'VERSION'],
  },
  AdvanceRestore: { timeout: 300, environment: ['ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE'] },
  CheckRestored: { timeout: 60, environment: ['LEDGER_TABLE'] },
  Attest: { timeout: 60, environment: ['ACCOUNT', 'BUCKET', 'ENVIRONMENT', 'EVIDENCE_KEY', 'LEDGER_TABLE', 'SERVICE'] },
  ReportRestore: {
    timeout: 60,
    environment: ['ATTESTATION_KEY', 'BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE', 'TOPIC'],
  },
  AdmitPreview: { timeout: 60, environment: ['BUCKET'] },
  PlanPreview: {
    timeout: 60,
    environment: [
      ...[
        'BUCKET',
        'DRIFT',
        'ENVIRONMENT',
        'FLEET_BUCKET',
        'FLEET_KEY',
        'LEDGER_TABLE',
        'RESTORE_POINT',
        'RULES',
        'SERVICE',
        'UNFIT',
        'VERSION',
      ],
    ],
  },
  FingerprintCluster: { timeout: 240, environment: ['ENVIRONMENT', 'SERVICE'] },
  FindDrift: { timeout: 600, environment: ['BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE'] },
  TellDrift: { timeout: 60, environment: ['BUCKET', 'ENVIRONMENT', 'SERVICE', 'TOPIC'] },
  ApprovalPages: { timeout: 20, environment: ['BUCKET', 'LEDGER_TABLE'] },
  CloseRun: {
    timeout: 60,
    environment: ['ATTESTATION_KEY', 'BUCKET', 'ENVIRONMENT', 'LEDGER_TABLE', 'SERVICE', 'TOPIC'],
  },
};

const path = ['PLACES', 'PROMOTION_BUCKET', 'PROMOTION_KEY'];

/** Where there is a policy, and an environment before. */
const more: Record<string, string[]> = {
  ...{ Admit: ['POLICY_BUCKET', 'POLICY_KEY', ...path], RequestApproval: ['POLICY_BUCKET', 'POLICY_KEY'] },
  ...{ AdmitRestore: ['POLICY_BUCKET', 'POLICY_KEY'], ReportRestore: ['POLICY_BUCKET', 'POLICY_KEY'] },
  ...{ Hold: ['POLICY_BUCKET', 'POLICY_KEY'], ApprovalPages: ['POLICY_BUCKET', 'POLICY_KEY'] },
  CloseRun: ['POLICY_BUCKET', 'POLICY_KEY'],
  ...{ Plan: ['POLICY_BUCKET', 'POLICY_KEY', ...path], Report: ['POLICY_BUCKET', 'POLICY_KEY'] },
  TellDrift: ['POLICY_BUCKET', 'POLICY_KEY'],
};

describe.each(environments)('$environment', ({ environment, template }) => {
  describe('its functions', () => {
    test('are one for each step, the approval pages, and one for runs that were stopped', () => {
      const names = ofType(template, 'AWS::Lambda::Function').map(({ id }) => id);
      expect(names.sort()).toEqual(Object.keys(functions).sort());
    });

    test.each(Object.entries(functions))('%s runs as agreed, under its own role, into its own log', (id, it) => {
      expect(only(template, 'AWS::Lambda::Function', id)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        Timeout: it.timeout,
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: `<${id}Log>` },
        Role: `<${id}Role.Arn>`,
      });
      expect(only(template, 'AWS::Logs::LogGroup', `${id}Log`)).toMatchObject({ RetentionInDays: 365 });
      expect(only(template, 'AWS::IAM::Role', `${id}Role`)).toMatchObject({
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      });
    });

    test.each(Object.entries(functions))('%s has nothing secret in its environment', (id, it) => {
      const { Environment } = only(template, 'AWS::Lambda::Function', id) as {
        Environment: { Variables: Record<string, string> };
      };
      const { POWERTOOLS_SERVICE_NAME, ...own } = Environment.Variables;
      expect(POWERTOOLS_SERVICE_NAME).toBe('lockstep');
      const also = environment === 'production' ? (more[id] ?? []) : [];
      expect(Object.keys(own).sort()).toEqual([...it.environment, ...also].sort());
      for (const value of Object.values(own)) expect(value).not.toMatch(/resolve:|secret|password/i);
    });

    test('know whose calls they count, where they make any to databases or RDS', () => {
      const policies = ofType(template, 'AWS::IAM::Policy').filter(({ properties }) =>
        /"(rds|rds-data):/.test(JSON.stringify(properties)),
      );
      expect(policies.length).toBeGreaterThan(8);
      for (const { id } of policies) {
        const { environment: known } = functions[id.replace(/RoleDefaultPolicy$/, '')] ?? { environment: [] };
        expect(known, id).toEqual(expect.arrayContaining(['ENVIRONMENT', 'SERVICE']));
      }
    });
  });

  test.each([
    { id: 'StateMachine', log: 'Log', end: '' },
    { id: 'RestoreMachine', log: 'RestoreLog', end: '-restore' },
    { id: 'PreviewMachine', log: 'PreviewLog', end: '-preview' },
    { id: 'DriftMachine', log: 'DriftLog', end: '-drift' },
  ])('its $id is a standard one that logs everything but what it works on, and traces', ({ id, log, end }) => {
    expect(only(template, 'AWS::StepFunctions::StateMachine', id)).toMatchObject({
      StateMachineName: `lockstep-orders-${environment}${end}`,
      StateMachineType: 'STANDARD',
      LoggingConfiguration: {
        Level: 'ALL',
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: `<${log}.Arn>` } }],
      },
      TracingConfiguration: { Enabled: true },
      RoleArn: `<${id}Role.Arn>`,
    });
    expect(only(template, 'AWS::Logs::LogGroup', log)).toEqual({
      LogGroupName: `/aws/vendedlogs/states/lockstep-orders-${environment}${end}`,
      RetentionInDays: 365,
    });
  });

  test('its bucket keeps every version', () => {
    expect(only(template, 'AWS::S3::Bucket', 'Bundles')).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LoggingConfiguration: { DestinationBucketName: '<AccessLog>' },
    });
  });

  test.each(['Bundles', 'AccessLog'])(
    'its bucket %s is encrypted, private, for TLS only, and outlives the stack',
    (id) => {
      expect(only(template, 'AWS::S3::Bucket', id)).toMatchObject({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      expect(statementsOf(only(template, 'AWS::S3::BucketPolicy', `${id}Policy`))).toContainEqual({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 's3:*',
        Resource: [`<${id}.Arn>`, `<${id}.Arn>/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
      expect(template.find((it) => it.id === id)).toMatchObject({ deletionPolicy: 'Retain' });
    },
  );

  test('its ledger forgets what is worth nothing any more, can be restored to any second, and is not deleted by mistake nor with the stack', () => {
    expect(only(template, 'AWS::DynamoDB::Table')).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      SSESpecification: { SSEEnabled: true },
    });
    expect(template.find(({ id }) => id === 'Ledger')).toMatchObject({ deletionPolicy: 'Retain' });
  });

  test('its topic is encrypted and for TLS only', () => {
    expect(only(template, 'AWS::SNS::Topic')).toEqual({
      KmsMasterKeyId: 'arn:aws:kms:eu-central-1:123456789012:alias/aws/sns',
    });
    expect(statementsOf(only(template, 'AWS::SNS::TopicPolicy'))).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: '<Approvals>',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  test('its approval pages are throttled, and logged without the path, which holds a secret', () => {
    const stage = only(template, 'AWS::ApiGatewayV2::Stage') as { AccessLogSettings: { Format: string } };
    expect(stage).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
      AccessLogSettings: { DestinationArn: '<ApprovalAccessLog.Arn>' },
    });
    expect(JSON.parse(stage.AccessLogSettings.Format)).toEqual({
      requestId: '$context.requestId',
      time: '$context.requestTime',
      ip: '$context.identity.sourceIp',
      caller: '$context.identity.userArn',
      route: '$context.routeKey',
      status: '$context.status',
      bytes: '$context.responseLength',
      error: '$context.error.message',
    });
    expect(only(template, 'AWS::Logs::LogGroup', 'ApprovalAccessLog')).toMatchObject({ RetentionInDays: 365 });
  });

  test('its pages are for whoever has a link, and all else for whom IAM has authorized', () => {
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(({ properties: it }) => [
      it.RouteKey,
      it.AuthorizationType ?? 'NONE',
    ]);
    expect(routes).toEqual([
      ['GET /approvals/{id}', 'NONE'],
      ['HEAD /approvals/{id}', 'NONE'],
      ['OPTIONS /approvals/{id}', 'NONE'],
      ['POST /approvals/{id}', 'NONE'],
      ['GET /requests', 'AWS_IAM'],
      ['GET /runs/{run}/approval', 'AWS_IAM'],
      ['POST /runs/{run}/announcement', 'AWS_IAM'],
      ['POST /runs/{run}/decision', 'AWS_IAM'],
      ['GET /runs/{run}/control', 'AWS_IAM'],
      ['POST /runs/{run}/control', 'AWS_IAM'],
      ['POST /bundles/{digest}/evidence/{name}', 'AWS_IAM'],
    ]);
  });

  test('its rule has the runs and restores closed that ended other than by success, and none of their children', () => {
    const machine = `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}`;
    expect(only(template, 'AWS::Events::Rule')).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [machine, `${machine}-restore`], status: ['ABORTED', 'TIMED_OUT', 'FAILED'] },
      },
      Targets: [{ Arn: '<CloseRun.Arn>' }],
    });
  });

  test.each([
    ['RunFailed', 'RunsFailed', 'Sum'],
    ['WaitingTooLong', 'SecondsWaiting', 'Maximum'],
    ['InDoubt', 'DatabasesInDoubt', 'Sum'],
    ['LeaseLeftBehind', 'LeasesLeftBehind', 'Sum'],
    ['GlassBroken', 'GlassBroken', 'Sum'],
  ])('its alarm %s goes off when there is any of %s in this environment', (id, MetricName, Statistic) => {
    expect(only(template, 'AWS::CloudWatch::Alarm', id)).toMatchObject({
      ...{ Namespace: 'Lockstep', MetricName, Statistic, Threshold: 1, EvaluationPeriods: 1 },
      ...{ ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching', Period: 60 },
      Dimensions: [
        { Name: 'environment', Value: environment },
        { Name: 'service', Value: 'orders' },
      ],
    });
    expect(only(template, 'AWS::CloudWatch::Alarm', id)).not.toHaveProperty('AlarmActions');
  });

  test('its dashboard shows every alarm, and all that is counted, of this environment alone', () => {
    const { DashboardName, DashboardBody } = only(template, 'AWS::CloudWatch::Dashboard') as Record<string, string>;
    expect(DashboardName).toBe(`lockstep-orders-${environment}-eu-central-1`);
    const [status, ...graphs] = JSON.parse(DashboardBody!).widgets;
    expect(status).toMatchObject({ type: 'alarm', width: 24 });
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm').map(({ id }) => `<${id}.Arn>`);
    expect(status.properties.alarms.toSorted()).toEqual(alarms.sort());
    const shown: unknown[][] = graphs.flatMap(
      ({ properties }: { properties: { metrics: unknown[][] } }) => properties.metrics,
    );
    for (const [namespace, , ...dimensions] of shown) {
      expect([namespace, ...dimensions.slice(0, 4)]).toEqual([
        'Lockstep',
        'environment',
        environment,
        'service',
        'orders',
      ]);
    }
    const names = new Set(shown.map(([, name]) => name));
    expect([...names].sort()).toEqual(Object.keys(METRICS).sort());
  });

  test('its parameter says where everything is, and the fleet lies there', async () => {
    const { Name, Value } = only(template, 'AWS::SSM::Parameter') as { Name: string; Value: string };
    expect(Name).toBe(`/lockstep/orders/${environment}`);
    const { fleet, policy, ...rest } = JSON.parse(Value);
    expect(rest).toEqual({
      service: 'orders',
      environment,
      driftStateMachineArn: `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}-drift`,
      restoreStateMachineArn: `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}-restore`,
      previewStateMachineArn: `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}-preview`,
      stateMachineArn: `arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-${environment}`,
      bucket: '<Bundles>',
      ledger: '<Ledger>',
      approvalUrl: '<ApprovalApi.ApiEndpoint>',
      after: environment === 'production' ? ['staging'] : [],
      production: environment === 'production',
    });
    if (environment === 'staging') expect(policy).toBeNull();
    else expect(await file(`asset.${policy.key}`)).toMatchObject({ people: [{ mail: 'dba@example.com' }] });
    expect(fleet.bucket).toBe('cdk-hnb659fds-assets-123456789012-eu-central-1');
    expect(await file(`asset.${fleet.key}`)).toEqual([
      {
        cluster: `orders-${environment}-1`,
        secret: `lockstep/orders-${environment}-1`,
        databases: ['acme', 'globex'],
      },
      { cluster: `orders-${environment}-2`, secret: `lockstep/orders-${environment}-2`, databases: ['initech'] },
      { cluster: `orders-${environment}-3`, secret: `lockstep/orders-${environment}-3`, databases: ['umbrella'] },
    ]);
  });
});

const statementsOf = (policy: Record<string, unknown>): unknown[] =>
  (policy.PolicyDocument as { Statement: unknown[] }).Statement;
