import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import manifest from '../../package.json' with { type: 'json' };
import type { Rollout } from '../fleet/rollout.ts';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import { slackEnvironment, slackSecret } from './approval-endpoint.ts';
import type { FleetReach } from './fleet-reach.ts';
import { allow, type StepProps, stepFunction } from './functions.ts';
import { handlerOf } from './handlers.ts';
import { type RestoreTaskName, restoreTasks } from './invoke.ts';
import type { JsonAsset } from './json-asset.ts';
import { restoreMachineName } from './machine-names.ts';
import type { MigrationPipelineProps } from './props.ts';
import { restoreStatements } from './restore-statements.ts';
import { restoreWorkflow } from './restore-workflow.ts';
import { rulesDigest } from './rules-digest.ts';
import { runArns } from './run-arns.ts';
import { stateMachine } from './state-machine.ts';

type Surroundings = Pick<MigrationPipelineProps, 'service' | 'environment'> & {
  props: MigrationPipelineProps;
  rollout: Rollout;
  reach: FleetReach;
  bucket: Bucket;
  ledger: Table;
  topic: Topic;
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  attestationKey: Key;
  /** Asks for a restore as it asks for a run. */
  requestApproval: LambdaFunction;
  /** Name of the machine whose runs are restored. */
  stateMachineName: string;
};

/** The second state machine of an environment, with a function for each of its steps. Gives the one that works on RDS, and the one that says of bundles that they are gone. */
export const restoreMachine = (
  scope: Construct,
  it: Surroundings,
): { restorer: LambdaFunction; report: LambdaFunction } => {
  const steps = stepsOf(scope, it);
  const functions = { ...steps, RequestApproval: it.requestApproval };
  stateMachine(scope, {
    ...{ kind: 'Restore', stateMachineName: restoreMachineName(it.stateMachineName), bucket: it.bucket },
    functions: Object.values(functions),
    definition: restoreWorkflow({
      functionArn: (task) => functions[task].functionArn,
      bucket: it.bucket.bucketName,
      approval: it.policy,
    }),
  });
  return { restorer: steps.AdvanceRestore, report: steps.ReportRestore };
};

const stepsOf = (scope: Construct, it: Surroundings): Record<RestoreTaskName, LambdaFunction> => {
  const { service, environment, bucket, ledger, topic, policy, policyAsset, stateMachineName, attestationKey } = it;
  const { runs, restores } = runArns(scope, stateMachineName);
  const readRuns = allow(['s3:GetObject'], [bucket.arnForObjects('runs/*')]);
  const writeRuns = allow(['s3:PutObject'], [bucket.arnForObjects('runs/*')]);
  const table = (...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      [ledger.tableArn],
    );
  const readPolicy = policyAsset ? [allow(['s3:GetObject'], [policyAsset.arn])] : [];
  const speak = [allow(['sns:Publish'], [topic.topicArn]), ...slackSecret(scope, policy)];
  const named = { SERVICE: service, ENVIRONMENT: environment };
  const stored = { BUCKET: bucket.bucketName, LEDGER_TABLE: ledger.tableName };
  const heard = { TOPIC: topic.topicArn, ...slackEnvironment(policy) };
  const policyAt: Record<string, string> = policyAsset
    ? { POLICY_BUCKET: policyAsset.bucket, POLICY_KEY: policyAsset.key }
    : {};
  const { looking, working } = restoreStatements(scope, it.reach);

  const steps: Record<RestoreTaskName, Omit<StepProps, 'handler'>> = {
    AdmitRestore: {
      description: 'Checks the input of a restore and takes the lease.',
      environment: {
        ...{ LEDGER_TABLE: ledger.tableName, ...named, TOPIC: topic.topicArn, RUNS: runs.replace(/:\*$/, '') },
        ...policyAt,
      },
      allows: [
        ...readPolicy,
        ...(policy ? [allow(['sns:ListSubscriptionsByTopic'], [topic.topicArn])] : []),
        table('GetItem', 'PutItem', 'UpdateItem'),
        allow(['states:DescribeExecution'], [runs, restores]),
      ],
    },
    PlanRestore: {
      description: 'Plans a restore.',
      environment: {
        ...stored,
        ...named,
        ...heard,
        RULES: rulesDigest({ ...it.props, promotion: undefined, rollout: it.rollout, policy: policyAsset }),
        VERSION: manifest.version,
      },
      allows: [readRuns, writeRuns, table('GetItem', 'Query', 'UpdateItem'), ...looking, ...speak],
      timeout: Duration.minutes(15),
      memorySize: 512,
    },
    AdvanceRestore: {
      description: 'Takes the restore of a cluster a step further.',
      environment: { LEDGER_TABLE: ledger.tableName, ...named },
      allows: [table('GetItem', 'PutItem', 'UpdateItem'), allow(['states:DescribeExecution'], [restores]), ...working],
      timeout: Duration.minutes(5),
      memorySize: 512,
    },
    CheckRestored: {
      description: 'Looks whether all clusters are restored.',
      environment: { LEDGER_TABLE: ledger.tableName },
      allows: [table('Query')],
    },
    ReportRestore: {
      description: 'Writes the report of a restore, gives the lease back, tells people.',
      environment: { ...stored, ...named, ...heard, ...policyAt, ATTESTATION_KEY: attestationKey.keyArn },
      allows: [
        ...[readRuns, writeRuns, ...readPolicy, table('GetItem', 'Query', 'UpdateItem'), ...speak],
        allow(['s3:PutObject'], [bucket.arnForObjects('attestations/*')]),
        allow(['kms:Sign'], [attestationKey.keyArn]),
      ],
      memorySize: 512,
    },
  };
  return Object.fromEntries(
    restoreTasks.map((task) => [task, stepFunction(scope, task, { handler: handlerOf(task), ...steps[task] })]),
  ) as Record<RestoreTaskName, LambdaFunction>;
};
