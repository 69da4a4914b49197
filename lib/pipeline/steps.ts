import { Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import manifest from '../../package.json' with { type: 'json' };
import { canonical, sha256 } from '../migrations/digest.ts';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import { slackEnvironment, slackSecret } from './approval-endpoint.ts';
import { allow, type StepProps, stepFunction } from './functions.ts';
import type { HandlerName } from './handlers.ts';
import { type TaskName, tasks } from './invoke.ts';
import type { JsonAsset } from './json-asset.ts';
import type { MigrationPipelineProps } from './props.ts';
import { restoreMachineArn, restoreMachineName } from './restore-machine-name.ts';
import { RestorePoint, ruleOf } from './restore-point-props.ts';
import { restorePointStatements } from './restore-point-statements.ts';
import { secretArn } from './secret-arn.ts';

type Surroundings = Omit<MigrationPipelineProps, 'fleet'> & {
  bucket: Bucket;
  ledger: Table;
  topic: Topic;
  fleet: JsonAsset & { declaration: MigrationPipelineProps['fleet'] };
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  approvalUrl: string;
  stateMachineArn: string;
  stateMachineName: string;
};

/** The functions behind the workflow's tasks, each with what it needs and no more. */
export const stepFunctions = (scope: Construct, around: Surroundings): Record<TaskName, LambdaFunction> => {
  const {
    service,
    environment,
    bucket,
    ledger,
    topic,
    fleet,
    approvalUrl,
    waveSize = 1,
    lockTimeout = Duration.seconds(10),
    lockPatience = Duration.minutes(1),
    statementTimeout = Duration.seconds(30),
    restorePoint = RestorePoint.snapshot(),
  } = around;
  const rule = ruleOf(restorePoint);
  const { policy, policyAsset, previous } = around;
  const { executions, clusters, secrets } = resources(scope, around);

  const readBundles = allow(['s3:GetObject'], [bucket.arnForObjects('bundles/*')]);
  const readRuns = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*')]);
  const readPlans = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*/plan.json')]);
  const writeRuns = allow(['s3:PutObject'], [bucket.arnForObjects('runs/*')]);
  const table = (...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      [ledger.tableArn],
    );
  const publish = allow(['sns:Publish'], [topic.topicArn]);
  const sql = [...each('rds-data:ExecuteStatement', clusters), ...each('secretsmanager:GetSecretValue', secrets)];

  const readFleet = allow(['s3:GetObject'], [fleet.arn]);
  const readPolicy = policyAsset ? [allow(['s3:GetObject'], [policyAsset.arn])] : [];
  const speak = [publish, ...slackSecret(scope, policy)];
  const heard = { TOPIC: topic.topicArn, ...slackEnvironment(policy) };

  const named = { SERVICE: service, ENVIRONMENT: environment };
  const fleetAt = { FLEET_BUCKET: fleet.bucket, FLEET_KEY: fleet.key };
  const policyAt: Record<string, string> = policyAsset
    ? { POLICY_BUCKET: policyAsset.bucket, POLICY_KEY: policyAsset.key }
    : {};
  const stored = { BUCKET: bucket.bucketName, LEDGER_TABLE: ledger.tableName };
  // A Data API call lasts up to 45 s, and a paused cluster is waited for: two calls of that kind fit.
  const patient = { timeout: Duration.minutes(4), memorySize: 512 };

  const steps: Record<TaskName, Omit<StepProps, 'handler'>> = {
    Admit: {
      description: 'Checks the input and the bundle and takes the lease.',
      environment: { ...stored, ...fleetAt, ...policyAt, TOPIC: topic.topicArn },
      allows: [
        readBundles,
        writeRuns,
        readFleet,
        ...readPolicy,
        ...(policy ? [allow(['sns:ListSubscriptionsByTopic'], [topic.topicArn])] : []),
        table('GetItem', 'PutItem', 'UpdateItem'),
        allow(['states:DescribeExecution'], executions),
      ],
    },
    InspectCluster: {
      description: 'Reads where the databases of a cluster stand.',
      environment: stored,
      allows: [readBundles, ...sql],
      ...patient,
    },
    Plan: {
      description: 'Plans the run and its waves.',
      environment: {
        ...stored,
        ...named,
        ...heard,
        ...fleetAt,
        ...policyAt,
        ...(previous ? { PREVIOUS_BUCKET: previous.bucket.bucketName } : {}),
        WAVE_SIZE: String(waveSize),
        RULES: rulesDigest(around, policyAsset),
        RESTORE_POINT: JSON.stringify(rule),
        VERSION: manifest.version,
      },
      allows: [
        readBundles,
        readRuns,
        writeRuns,
        readFleet,
        ...readPolicy,
        ...(previous ? [allow(['s3:GetObject'], [previous.bucket.arnForObjects('successes/*')])] : []),
        table('GetItem', 'UpdateItem'),
        ...restorePointStatements(scope, { kind: rule.kind, clusters }).quota,
        ...speak,
      ],
      memorySize: 1024,
    },
    RequestApproval: {
      description: 'Puts the plan to the approvers.',
      environment: { ...stored, ...heard, ...policyAt, APPROVAL_URL: approvalUrl },
      allows: [
        readBundles,
        readPlans,
        ...readPolicy,
        table('GetItem', 'PutItem'),
        allow(
          ['states:SendTaskSuccess', 'states:SendTaskFailure'],
          [around.stateMachineArn, restoreMachineArn(scope, around.stateMachineName)],
        ),
        ...speak,
      ],
    },
    EnsureRestorePoint: {
      description: 'Takes the restore point of a cluster.',
      environment: { ...named, LEDGER_TABLE: ledger.tableName, RESTORE_POINT: JSON.stringify(rule) },
      allows: [table('GetItem', 'PutItem'), ...restorePointStatements(scope, { kind: rule.kind, clusters }).taking],
    },
    Apply: {
      description: 'Brings one database to the newest migration.',
      environment: {
        ...stored,
        LOCK_TIMEOUT: String(lockTimeout.toMilliseconds()),
        LOCK_PATIENCE: String(lockPatience.toMilliseconds()),
        STATEMENT_TIMEOUT: String(statementTimeout.toMilliseconds()),
      },
      allows: [readBundles, ...sql, table('PutItem')],
      ...patient,
    },
    Verify: {
      description: 'Looks at what really stands in a database.',
      environment: stored,
      allows: [readBundles, ...sql, table('PutItem')],
      ...patient,
    },
    RecordFailure: {
      description: 'Writes down that a step broke on a database.',
      environment: stored,
      allows: [table('PutItem')],
    },
    Converge: {
      description: 'Checks that the whole fleet shows one schema.',
      environment: stored,
      allows: [readRuns, table('Query')],
      memorySize: 1024,
    },
    Report: {
      description: 'Writes the report, gives the lease back, tells people.',
      environment: { ...stored, ...named, ...heard, ...policyAt },
      allows: [
        readRuns,
        writeRuns,
        ...readPolicy,
        allow(['s3:PutObject'], [bucket.arnForObjects('successes/*')]),
        table('GetItem', 'Query', 'UpdateItem'),
        ...speak,
      ],
      memorySize: 1024,
    },
  };
  return Object.fromEntries(
    tasks.map((task) => [task, stepFunction(scope, task, { handler: fileName(task), ...steps[task] })]),
  ) as Record<TaskName, LambdaFunction>;
};

/** A statement for each resource: CDK spreads those over policies as IAM's size limits ask; one long statement it can't. */
const each = (action: string, resources: string[]) => resources.map((resource) => allow([action], [resource]));

/** ARNs of what the steps reach outside the stack. */
const resources = (scope: Construct, { fleet, stateMachineName }: Surroundings) => {
  const stack = Stack.of(scope);
  const arn = (service: string, rest: string) =>
    `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${rest}`;
  return {
    // The lease may be a restore's.
    executions: [stateMachineName, restoreMachineName(stateMachineName)].map((it) =>
      arn('states', `execution:${it}:*`),
    ),
    clusters: fleet.declaration.map(({ cluster }) => arn('rds', `cluster:${cluster}`)),
    secrets: fleet.declaration.map(({ secret }) => secretArn(scope, secret)),
  };
};

/** What a plan is made and carried out by: an approval is of these rules too. */
export const rulesDigest = (
  it: Pick<
    MigrationPipelineProps,
    'waveSize' | 'concurrency' | 'lockTimeout' | 'lockPatience' | 'statementTimeout' | 'restorePoint'
  >,
  policyAsset: JsonAsset | null,
): string => {
  const { waveSize, concurrency, lockTimeout, lockPatience, statementTimeout } = it;
  const seconds = [lockTimeout, lockPatience, statementTimeout].map((duration) => duration?.toMilliseconds() ?? null);
  const restorePoint = ruleOf(it.restorePoint ?? RestorePoint.snapshot());
  return sha256(canonical({ waveSize, concurrency, seconds, restorePoint, policy: policyAsset?.digest ?? null }));
};

const fileName = (task: TaskName): HandlerName => task.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase() as HandlerName;
