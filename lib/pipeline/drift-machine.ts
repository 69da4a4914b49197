import { Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import { slackEnvironment, slackSecret } from './approval-endpoint.ts';
import type { Drift } from './drift-props.ts';
import { driftWorkflow } from './drift-workflow.ts';
import type { FleetReach } from './fleet-reach.ts';
import { allow, stepFunction } from './functions.ts';
import type { DriftTaskName } from './invoke.ts';
import type { JsonAsset } from './json-asset.ts';
import { driftMachineName } from './machine-names.ts';
import { stateMachine, stateMachineArn } from './state-machine.ts';

type Surroundings = {
  service: string;
  environment: string;
  drift: Drift;
  reach: FleetReach;
  bucket: Bucket;
  ledger: Table;
  topic: Topic;
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  /** Finds the fleet for a check as it does for a run. */
  discover: LambdaFunction;
  /** Name of the machine that changes the fleet. */
  stateMachineName: string;
};

/** The state machine of an environment that looks for drift, and what starts it by itself. */
export const driftMachine = (scope: Construct, it: Surroundings): void => {
  const stateMachineName = driftMachineName(it.stateMachineName);
  const functions = { ...stepsOf(scope, it), Discover: it.discover };
  const machine = stateMachine(scope, {
    ...{ kind: 'Drift', stateMachineName, bucket: it.bucket, functions: Object.values(functions) },
    definition: driftWorkflow({ functionArn: (task) => functions[task].functionArn, bucket: it.bucket.bucketName }),
  });
  if (it.drift.schedule) schedule(scope, it.drift.schedule, machine, stateMachineArn(scope, stateMachineName));
};

const schedule = (
  scope: Construct,
  { expressionString, timeZone }: NonNullable<Drift['schedule']>,
  machine: CfnStateMachine,
  machineArn: string,
): void => {
  const { partition, region, account } = Stack.of(scope);
  const role = new Role(scope, 'DriftScheduleRole', {
    // AWS names a schedule by its group where it assumes a role.
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': account,
          'aws:SourceArn': `arn:${partition}:scheduler:${region}:${account}:schedule-group/default`,
        },
      },
    }),
    description: 'Starts checks for drift.',
  });
  role.addToPolicy(allow(['states:StartExecution'], [machineArn]));
  const made = new CfnSchedule(scope, 'DriftSchedule', {
    description: 'Looks for databases that are not as they should be.',
    scheduleExpression: expressionString,
    ...(timeZone ? { scheduleExpressionTimezone: timeZone.timezoneName } : {}),
    flexibleTimeWindow: { mode: 'OFF' },
    target: { arn: machineArn, roleArn: role.roleArn, input: '{}' },
  });
  made.node.addDependency(role, machine);
};

const stepsOf = (scope: Construct, it: Surroundings): Record<DriftTaskName, LambdaFunction> => {
  const { service, environment, bucket, ledger, topic, policy, policyAsset } = it;
  const objects = (...prefixes: string[]) => prefixes.map((prefix) => bucket.arnForObjects(prefix));
  const { toClusters, toSecrets } = it.reach;
  const sql = [...toClusters('rds-data:ExecuteStatement'), ...toSecrets('secretsmanager:GetSecretValue')];
  const named = { SERVICE: service, ENVIRONMENT: environment };
  const stored = { BUCKET: bucket.bucketName, ...named };
  return {
    FingerprintCluster: stepFunction(scope, 'FingerprintCluster', {
      handler: 'fingerprint-cluster',
      description: 'Reads what the databases of a cluster look like.',
      environment: named,
      allows: sql,
      // As the steps of a run: a call lasts up to 45 s, and a paused cluster is waited for.
      timeout: Duration.minutes(4),
      memorySize: 512,
    }),
    // Whoever reaches databases reaches nobody else, and the other way round.
    FindDrift: stepFunction(scope, 'FindDrift', {
      handler: 'find-drift',
      description: 'Says which databases are not as they should be.',
      environment: { ...stored, LEDGER_TABLE: ledger.tableName },
      allows: [
        allow(['s3:GetObject', 's3:PutObject'], objects('runs/_drift/*', 'drift/*', 'schemas/*')),
        // What the environment before has attested of the bundles that runs have left here.
        allow(['s3:GetObject'], objects('runs/*/plan.json')),
        allow(['dynamodb:GetItem', 'dynamodb:Query'], [ledger.tableArn]),
        ...sql,
      ],
      timeout: Duration.minutes(10),
      memorySize: 1024,
    }),
    TellDrift: stepFunction(scope, 'TellDrift', {
      handler: 'tell-drift',
      description: 'Tells people what a check for drift has found.',
      environment: {
        ...{ ...stored, TOPIC: topic.topicArn, ...slackEnvironment(policy) },
        ...(policyAsset ? { POLICY_BUCKET: policyAsset.bucket, POLICY_KEY: policyAsset.key } : {}),
      },
      allows: [
        allow(['s3:GetObject', 's3:PutObject'], objects('runs/_drift/*')),
        ...(policyAsset ? [allow(['s3:GetObject'], [policyAsset.arn])] : []),
        allow(['sns:Publish'], [topic.topicArn]),
        ...slackSecret(scope, policy),
      ],
    }),
  };
};
