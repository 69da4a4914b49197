import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import manifest from '../../package.json' with { type: 'json' };
import { applyEnvironment } from './apply-environment.ts';
import { slackEnvironment, slackSecret } from './approval-endpoint.ts';
import { allow, type StepProps, stepFunction } from './functions.ts';
import { handlerOf } from './handlers.ts';
import { type TaskName, tasks } from './invoke.ts';
import { lintStep } from './lint-step.ts';
import { restoreMachineName } from './machine-names.ts';
import { RestorePoint, ruleOf } from './restore-point-props.ts';
import { restorePointStatements } from './restore-point-statements.ts';
import { rulesDigest } from './rules-digest.ts';
import { runArns } from './run-arns.ts';
import { stateMachineArn } from './state-machine.ts';
import type { StepSurroundings } from './step-surroundings.ts';
import { gateStep, parkStep, readCalendars } from './window-steps.ts';

/** The functions behind the workflow's tasks, each with what it needs and no more. */
export const stepFunctions = (scope: Construct, around: StepSurroundings): Record<TaskName, LambdaFunction> => {
  const { service, environment, bucket, ledger, topic, fleet, approvalUrl, unfit = 'refuse' } = around;
  const { restorePoint = RestorePoint.snapshot() } = around;
  const rule = ruleOf(restorePoint);
  const { policy, policyAsset, rollout, arrival, attestationKey } = around;
  const { runs, restores, mapRuns } = runArns(scope, around.stateMachineName);
  const calendars = readCalendars(scope, rollout.windows);
  const { toClusters, toSecrets, toFind } = fleet.reach;

  const readBundles = allow(['s3:GetObject'], [bucket.arnForObjects('bundles/*')]);
  /** And those that are only planned. */
  const readPreviews = allow(
    ['s3:GetObject'],
    ['bundles/*', 'previews/*'].map((it) => bucket.arnForObjects(it)),
  );
  const readRuns = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*')]);
  const came = { checks: arrival?.checks ?? [], environment: arrival?.environment ?? {} };
  const readPlans = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*/plan.json')]);
  const arrivals = ['bundles/*', 'runs/*/promotion.json'].map((it) => bucket.arnForObjects(it));
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
      environment: { ...stored, ...named, ...policyAt, ...came.environment, TOPIC: topic.topicArn },
      allows: [
        readBundles,
        ...came.checks,
        // What nobody has uploaded here is taken from the environment before.
        ...(arrival ? [arrival.bundles, allow(['s3:PutObject'], arrivals)] : []),
        ...readPolicy,
        ...(policy ? [allow(['sns:ListSubscriptionsByTopic'], [topic.topicArn])] : []),
        table('GetItem', 'PutItem', 'UpdateItem'),
        // The lease may be a restore's.
        allow(['states:DescribeExecution'], [runs, restores]),
        ...calendars,
      ],
    },
    Lint: lintStep(scope, { bucket, lint: around.lint, readBundles: readPreviews }),
    Discover: {
      description: 'Finds the clusters of the fleet.',
      environment: {
        BUCKET: bucket.bucketName,
        ...named,
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
      environment: { ...stored, ...named },
      allows: [readPreviews, ...sql],
      ...patient,
    },
    Measure: {
      description: 'Measures the tables that the run will touch.',
      environment: { BUCKET: bucket.bucketName, ...named },
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
        ...came.environment,
        UNFIT: unfit,
        RULES: rulesDigest({ ...around, policy: policyAsset, promotion: arrival?.digest }),
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
        ...came.checks,
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
          [around.stateMachineArn, stateMachineArn(scope, restoreMachineName(around.stateMachineName))],
        ),
        ...speak,
      ],
    },
    Gate: gateStep(
      { alarms: rollout.alarms, runs, mapRuns },
      { environment: stored, allows: [table('GetItem', 'UpdateItem'), ...calendars] },
    ),
    Park: parkStep(
      { stateMachineArn: around.stateMachineArn, ledger },
      {
        environment: { ...stored, ...named, ...heard, ...policyAt },
        allows: [...readPolicy, ...speak],
      },
    ),
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
      environment: { ...stored, ...named, ...applyEnvironment(around) },
      allows: [readBundles, ...sql, table('BatchGetItem', 'PutItem', 'UpdateItem')],
      ...patient,
    },
    Verify: {
      description: 'Looks at what really stands in a database.',
      environment: { ...stored, ...named },
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
      environment: { ...stored, ...named },
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
      environment: {
        ...{ ...stored, ...named, ...heard, ...policyAt },
        ...{ STATE_MACHINE: around.stateMachineArn, ATTESTATION_KEY: attestationKey.keyArn },
      },
      allows: [
        readRuns,
        writeRuns,
        ...readPolicy,
        allow(['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects('attestations/*')]),
        allow(['kms:Sign'], [attestationKey.keyArn]),
        table('GetItem', 'Query', 'UpdateItem'),
        ...(rollout.onHalt === 'stop' ? [] : [allow(['states:StartExecution'], [around.stateMachineArn])]),
        ...speak,
      ],
      memorySize: 1024,
    },
  };
  const deployed = tasks.filter((task) => task !== 'Park' || rollout.windows !== undefined);
  return Object.fromEntries(
    deployed.map((task) => [task, stepFunction(scope, task, { handler: handlerOf(task), ...steps[task] })]),
  ) as Record<TaskName, LambdaFunction>;
};
