import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import manifest from '../../package.json' with { type: 'json' };
import type { Rollout } from '../fleet/rollout.ts';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import { applyEnvironment } from './apply-environment.ts';
import { slackEnvironment, slackSecret } from './approval-endpoint.ts';
import type { FleetReach } from './fleet-reach.ts';
import { allow, type StepProps, stepFunction } from './functions.ts';
import { handlerOf } from './handlers.ts';
import { type TaskName, tasks } from './invoke.ts';
import type { JsonAsset } from './json-asset.ts';
import { lintStep } from './lint-step.ts';
import type { MigrationPipelineProps } from './props.ts';
import { restoreMachineArn } from './restore-machine-name.ts';
import { RestorePoint, ruleOf } from './restore-point-props.ts';
import { restorePointStatements } from './restore-point-statements.ts';
import { rulesDigest } from './rules-digest.ts';
import { runArns } from './run-arns.ts';

type Surroundings = Omit<MigrationPipelineProps, 'fleet'> & {
  bucket: Bucket;
  ledger: Table;
  topic: Topic;
  fleet: JsonAsset & { reach: FleetReach; table: string | undefined };
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  rollout: Rollout;
  approvalUrl: string;
  stateMachineArn: string;
  stateMachineName: string;
};

/** The functions behind the workflow's tasks, each with what it needs and no more. */
export const stepFunctions = (scope: Construct, around: Surroundings): Record<TaskName, LambdaFunction> => {
  const { service, environment, bucket, ledger, topic, fleet, approvalUrl, unfit = 'refuse' } = around;
  const { restorePoint = RestorePoint.snapshot() } = around;
  const rule = ruleOf(restorePoint);
  const { policy, policyAsset, previous, rollout } = around;
  const { runs, restores, mapRuns } = runArns(scope, around.stateMachineName);
  const { toClusters, toSecrets, toFind } = fleet.reach;

  const readBundles = allow(['s3:GetObject'], [bucket.arnForObjects('bundles/*')]);
  /** And those that are only planned. */
  const readPreviews = allow(
    ['s3:GetObject'],
    ['bundles/*', 'previews/*'].map((it) => bucket.arnForObjects(it)),
  );
  const readRuns = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*')]);
  const readPlans = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*/plan.json')]);
  const writeRuns = allow(['s3:PutObject'], [bucket.arnForObjects('runs/*')]);
  const table = (...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      [ledger.tableArn],
    );
  const publish = allow(['sns:Publish'], [topic.topicArn]);
  const sql = [...toClusters('rds-data:ExecuteStatement'), ...toSecrets('secretsmanager:GetSecretValue')];

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
      environment: { ...stored, ...named, ...policyAt, TOPIC: topic.topicArn },
      allows: [
        readBundles,
        ...readPolicy,
        ...(policy ? [allow(['sns:ListSubscriptionsByTopic'], [topic.topicArn])] : []),
        table('GetItem', 'PutItem', 'UpdateItem'),
        // The lease may be a restore's.
        allow(['states:DescribeExecution'], [runs, restores]),
      ],
    },
    Lint: lintStep(scope, { bucket, lint: around.lint, readBundles: readPreviews }),
    Discover: {
      description: 'Finds the clusters of the fleet.',
      environment: {
        BUCKET: bucket.bucketName,
        ...fleetAt,
        ...(fleet.table === undefined ? {} : { FLEET_TABLE: fleet.table }),
      },
      allows: [writeRuns, readFleet, ...toFind],
      // Clusters that are asked for their databases may be paused, and there may be thousands.
      timeout: Duration.minutes(15),
      memorySize: 1024,
    },
    InspectCluster: {
      description: 'Reads where the databases of a cluster stand.',
      environment: stored,
      allows: [readPreviews, ...sql],
      ...patient,
    },
    Measure: {
      description: 'Measures the tables that the run will touch.',
      environment: { BUCKET: bucket.bucketName },
      allows: [readPreviews, readRuns, allow(['s3:PutObject'], [bucket.arnForObjects('runs/*/facts.json')]), ...sql],
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
        UNFIT: unfit,
        RULES: rulesDigest({ ...around, policy: policyAsset }),
        RESTORE_POINT: JSON.stringify(rule),
        VERSION: manifest.version,
        DRIFT: around.drift?.policy ?? 'warn',
      },
      allows: [
        allow(['s3:GetObject'], [bucket.arnForObjects('drift/*')]),
        readBundles,
        readRuns,
        writeRuns,
        readFleet,
        ...readPolicy,
        ...(previous ? [allow(['s3:GetObject'], [previous.bucket.arnForObjects('successes/*')])] : []),
        table('GetItem', 'Query', 'UpdateItem'),
        ...restorePointStatements(scope, { kind: rule.kind, toClusters }).quota,
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
    Gate: {
      description: 'Says what a rollout does next.',
      environment: stored,
      allows: [
        table('GetItem', 'UpdateItem'),
        allow(['states:DescribeMapRun'], [mapRuns]),
        allow(['states:DescribeExecution'], [runs]),
        // CloudWatch tells of composite alarms only to whom it may tell of all.
        ...(rollout.alarms.length > 0
          ? [allow(['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory'], ['*'])]
          : []),
      ],
    },
    Hold: {
      description: 'Asks what becomes of a rollout that is held.',
      environment: { ...stored, ...heard, ...policyAt, APPROVAL_URL: approvalUrl },
      allows: [
        readBundles,
        readPlans,
        ...readPolicy,
        // It lets the run's control say what was decided, and compares the run as it does.
        table('ConditionCheckItem', 'GetItem', 'PutItem', 'Query'),
        allow(['states:SendTaskSuccess'], [around.stateMachineArn]),
        ...speak,
      ],
      memorySize: 1024,
    },
    EnsureRestorePoint: {
      description: 'Takes the restore point of a cluster.',
      environment: { ...stored, ...named, RESTORE_POINT: JSON.stringify(rule) },
      allows: [
        table('BatchGetItem', 'GetItem', 'PutItem'),
        ...restorePointStatements(scope, { kind: rule.kind, toClusters }).taking,
      ],
    },
    Apply: {
      description: 'Brings one database to the newest migration.',
      environment: { ...stored, ...applyEnvironment(around) },
      allows: [readBundles, ...sql, table('BatchGetItem', 'PutItem', 'UpdateItem')],
      ...patient,
    },
    Verify: {
      description: 'Looks at what really stands in a database.',
      environment: stored,
      allows: [readBundles, ...sql, table('PutItem', 'UpdateItem')],
      ...patient,
    },
    RecordFailure: {
      description: 'Writes down that a step broke on a database.',
      environment: stored,
      allows: [table('PutItem', 'UpdateItem')],
    },
    Converge: {
      description: 'Checks that the whole fleet shows one schema.',
      environment: stored,
      allows: [
        readRuns,
        allow(['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects('schemas/*')]),
        allow(['s3:PutObject'], [bucket.arnForObjects('runs/*/differences.json')]),
        ...sql,
        table('Query'),
      ],
      // Where it doesn't, schemas are read, of any one database at most twice; the ledger's page through thousands.
      ...patient,
      memorySize: 1024,
    },
    Report: {
      description: 'Writes the report, gives the lease back, tells people.',
      environment: { ...stored, ...named, ...heard, ...policyAt, STATE_MACHINE: around.stateMachineArn },
      allows: [
        readRuns,
        writeRuns,
        ...readPolicy,
        allow(['s3:PutObject'], [bucket.arnForObjects('successes/*')]),
        table('GetItem', 'Query', 'UpdateItem'),
        ...(rollout.onHalt === 'stop' ? [] : [allow(['states:StartExecution'], [around.stateMachineArn])]),
        ...speak,
      ],
      memorySize: 1024,
    },
  };
  return Object.fromEntries(
    tasks.map((task) => [task, stepFunction(scope, task, { handler: handlerOf(task), ...steps[task] })]),
  ) as Record<TaskName, LambdaFunction>;
};
