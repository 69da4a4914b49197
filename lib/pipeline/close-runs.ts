import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as Target } from 'aws-cdk-lib/aws-events-targets';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import { slackEnvironment, slackSecret } from './approval-endpoint.ts';
import { allow, keys, stepFunction } from './functions.ts';
import { executionsOf } from './grants.ts';
import type { JsonAsset } from './json-asset.ts';

type Surroundings = {
  service: string;
  environment: string;
  bucket: Bucket;
  ledger: Table;
  attestationKey: Key;
  topic: Topic;
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  /** ARNs of the state machines whose executions are watched. */
  machines: string[];
};

/**
 * An execution that somebody stops goes through no state any more, and so not through Report. EventBridge tells of its
 * end, and a function closes what it left open; it is given back, since it takes back what was attested.
 */
export const closeRuns = (scope: Construct, it: Surroundings): LambdaFunction => {
  const { service, environment, bucket, ledger, attestationKey, topic, policy, policyAsset, machines } = it;
  const items = (action: string, ...prefixes: string[]) =>
    allow([`dynamodb:${action}`], [ledger.tableArn], keys(...prefixes));
  const closeRun = stepFunction(scope, 'CloseRun', {
    handler: 'close-run',
    description: 'Closes what a run left open that was stopped.',
    environment: {
      ...{ SERVICE: service, ENVIRONMENT: environment, LEDGER_TABLE: ledger.tableName, TOPIC: topic.topicArn },
      ...{ BUCKET: bucket.bucketName, ATTESTATION_KEY: attestationKey.keyArn },
      ...slackEnvironment(policy),
      ...(policyAsset ? { POLICY_BUCKET: policyAsset.bucket, POLICY_KEY: policyAsset.key } : {}),
    },
    allows: [
      allow(['states:DescribeExecution'], machines.map(executionsOf)),
      items('GetItem', 'APPROVAL#*', 'ATTESTATIONS', 'RUN#*'),
      items('Query', 'APPROVAL#*', 'ATTESTATIONS', 'RUN#*'),
      items('PutItem', 'APPROVAL#*'),
      items('UpdateItem', 'ATTESTATIONS', 'LEASE', 'RUN#*'),
      allow(['s3:PutObject'], [bucket.arnForObjects('attestations/*')]),
      allow(['kms:Sign'], [attestationKey.keyArn]),
      ...(policyAsset ? [allow(['s3:GetObject'], [policyAsset.arn])] : []),
      allow(['sns:Publish'], [topic.topicArn]),
      ...slackSecret(scope, policy),
    ],
  });
  new Rule(scope, 'RunEnded', {
    description: `Runs of ${service} in ${environment} that have ended other than by success`,
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: machines, status: ['ABORTED', 'TIMED_OUT', 'FAILED'] },
    },
    targets: [new Target(closeRun)],
  });
  return closeRun;
};
