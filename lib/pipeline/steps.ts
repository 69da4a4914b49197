import { Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { FleetAsset } from './fleet-asset.ts';
import { allow, type StepProps, stepFunction } from './functions.ts';
import type { HandlerName } from './handlers.ts';
import { type TaskName, tasks } from './invoke.ts';
import type { MigrationPipelineProps } from './props.ts';

type Surroundings = Omit<MigrationPipelineProps, 'fleet'> & {
  bucket: Bucket;
  ledger: Table;
  topic: Topic;
  fleet: FleetAsset & { declaration: MigrationPipelineProps['fleet'] };
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
  } = around;
  const { executions, clusters, secrets, snapshots, fleetObject } = resources(scope, around);

  const readBundles = allow(['s3:GetObject'], [bucket.arnForObjects('bundles/*')]);
  const readRuns = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*')]);
  const writeRuns = allow(['s3:PutObject'], [bucket.arnForObjects('runs/*')]);
  const table = (...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      [ledger.tableArn],
    );
  const publish = allow(['sns:Publish'], [topic.topicArn]);
  const sql = [...each('rds-data:ExecuteStatement', clusters), ...each('secretsmanager:GetSecretValue', secrets)];

  const named = { SERVICE: service, ENVIRONMENT: environment };
  const stored = { BUCKET: bucket.bucketName, LEDGER_TABLE: ledger.tableName };
  // A Data API call lasts up to 45 s, and a paused cluster is waited for: two calls of that kind fit.
  const patient = { timeout: Duration.minutes(4), memorySize: 512 };

  const steps: Record<TaskName, Omit<StepProps, 'handler'>> = {
    Admit: {
      description: 'Checks the input and the bundle and takes the lease.',
      environment: { ...stored, FLEET_BUCKET: fleet.bucket, FLEET_KEY: fleet.key },
      allows: [
        readBundles,
        writeRuns,
        allow(['s3:GetObject'], [fleetObject]),
        table('GetItem', 'PutItem', 'UpdateItem'),
        allow(['states:DescribeExecution'], [executions]),
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
      environment: { ...stored, ...named, WAVE_SIZE: String(waveSize) },
      allows: [readBundles, readRuns, writeRuns, table('UpdateItem')],
      memorySize: 1024,
    },
    RequestApproval: {
      description: 'Puts the plan to the approvers.',
      environment: { ...stored, TOPIC: topic.topicArn, APPROVAL_URL: approvalUrl },
      allows: [readRuns, table('PutItem'), publish],
    },
    EnsureRestorePoint: {
      description: 'Takes the restore point of a cluster.',
      environment: named,
      allows: [
        ...each('rds:CreateDBClusterSnapshot', [...clusters, snapshots]),
        allow(['rds:AddTagsToResource', 'rds:DescribeDBClusterSnapshots'], [snapshots]),
      ],
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
      environment: { ...stored, ...named, TOPIC: topic.topicArn },
      allows: [readRuns, writeRuns, table('GetItem', 'Query', 'UpdateItem'), publish],
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
    executions: arn('states', `execution:${stateMachineName}:*`),
    clusters: fleet.declaration.map(({ cluster }) => arn('rds', `cluster:${cluster}`)),
    // Secrets Manager appends a hyphen and six characters of its own to a secret's name.
    secrets: fleet.declaration.map(({ secret }) =>
      secret.startsWith('arn:') ? secret : arn('secretsmanager', `secret:${secret}-??????`),
    ),
    snapshots: arn('rds', 'cluster-snapshot:lockstep-*'),
    fleetObject: `arn:${stack.partition}:s3:::${fleet.bucket}/${fleet.key}`,
  };
};

const fileName = (task: TaskName): HandlerName => task.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase() as HandlerName;
