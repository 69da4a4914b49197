import { Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { driftMachineName, previewMachineName, restoreMachineName } from './machine-names.ts';
import { nagArn, nagName } from './nag-names.ts';
import { DRIFT_REPORTS, PREVIEWS } from './preview-machine.ts';
import type { PromotionPath } from './promotion-props.ts';

/**
 * Answers what cdk-nag's AwsSolutions pack asks of a pipeline, finding by finding. What else holds for the roles (no
 * wildcard action, `*` for traces and log delivery only) a test checks on the synthesized template.
 */
export const acknowledgeFindings = (
  pipeline: Construct,
  it: {
    bucket: Bucket;
    /** The environments before. */
    before: PromotionPath['after'];
    stateMachineName: string;
    /** Other resources with a wildcard, and why. */
    more: Record<string, string>;
  },
): void => {
  const { bucket, before, stateMachineName, more } = it;
  const stack = Stack.of(pipeline);
  const objects = `<${stack.getLogicalId(bucket.node.defaultChild as never)}.Arn>`;
  const rds = (rest: string) => nagArn(pipeline, 'rds', rest);
  const states = (rest: string) => nagArn(pipeline, 'states', rest);
  const wildcards: Record<string, string> = {
    '*': 'X-Ray, the delivery of Step Functions logs and the quotas of RDS have no resource-level permissions, and CloudWatch tells of composite alarms only to whom it may tell of all; the statements with "*" hold their actions only.',
    [`${objects}/bundles/*`]:
      'A bundle is named by its content, which is not known at deployment; the prefix holds bundles only.',
    [`${objects}/runs/*`]: 'Every run has a prefix of its own below this one, which is not known at deployment.',
    [`${objects}/previews/*`]:
      'A bundle that is only planned is named by its content, which is not known at deployment; the prefix holds such only.',
    [`${objects}/${PREVIEWS}`]:
      'Every preview has a prefix of its own below this one, which is not known at deployment; runs have others.',
    [`${objects}/${DRIFT_REPORTS}`]:
      'Only what checks for drift have found; they have a prefix of their own, and their names are not known at deployment.',
    [`${objects}/runs/*/plan.json`]: 'Only the plans of runs, whose names are not known at deployment.',
    [`${objects}/runs/*/lint.json`]: 'Only what was found in the SQL of runs, whose names are not known at deployment.',
    [`${objects}/runs/*/facts.json`]: 'Only what the tables of runs are like, whose names are not known at deployment.',
    [`${objects}/runs/*/differences.json`]:
      'Only what is written down of how the databases of a run differ; the names of runs are not known at deployment.',
    [`${objects}/runs/*/promotion.json`]:
      'Only what runs found on their path; their names are not known at deployment.',
    [`${objects}/attestations/*`]:
      'An attestation is filed under the digest of its bundle, which is not known at deployment; the prefix holds attestations only.',
    [`${objects}/evidence/*`]:
      'Evidence is filed under the digest of its bundle, which is not known at deployment; the prefix holds evidence only.',
    [rds('cluster-snapshot:lockstep-*')]:
      'Snapshots are named by cluster and run; only those with our own prefix can be made or deleted.',
    [rds('cluster:lockstep-*')]:
      'Clones are named by cluster and run; only those with our own prefix can be made or deleted.',
    [rds('cluster-snapshot:*')]:
      'RDS lists snapshots only to who may read any of them; the statement holds Describe alone.',
    [rds('cluster:*')]: 'RDS lists clusters only to who may read any of them; the statement holds Describe alone.',
    [rds('db:*')]: 'RDS lists instances only to who may read any of them; the statement holds Describe alone.',
    [rds('db:lockstep-*')]:
      'Instances of restored clusters are named by cluster and run; only those with our own prefix can be made.',
    [rds('cluster:*-before-????????????')]:
      'A cluster that was replaced is kept under its name and twelve digits that are not known at deployment.',
    [rds('pg:*')]:
      'An instance is made with the parameter group of the one it replaces, whose name is not known at deployment.',
    [rds('cluster-pg:*')]:
      'A cluster is restored with the parameter group of its source, whose name is not known at deployment.',
    [rds('subgrp:*')]:
      'A cluster is restored into the subnet group of its source, whose name is not known at deployment.',
    [states(`mapRun:${stateMachineName}/*`)]:
      'The map runs of this one state machine, to be read only; AWS names them.',
    [states(`execution:${stateMachineName}:*`)]:
      'The executions of this one state machine; their names are not known at deployment.',
    [states(`execution:${stateMachineName}/*`)]:
      'The child executions of this one state machine, as its distributed maps need; AWS names them.',
    ...more,
  };
  for (const end of [':*', '/*'] as const) {
    wildcards[states(`execution:${restoreMachineName(stateMachineName)}${end}`)] =
      'The executions of the machine that restores, and the children of its maps; their names are not known at deployment.';
    wildcards[states(`execution:${previewMachineName(stateMachineName)}${end}`)] =
      'The executions of the machine that previews, and the children of its map; their names are not known at deployment.';
  }
  wildcards[states(`execution:${driftMachineName(stateMachineName)}:*`)] = DRIFT;
  wildcards[states(`execution:${driftMachineName(stateMachineName)}/*`)] = DRIFT;
  for (const prefix of ['drift', 'runs/_drift', 'schemas']) {
    wildcards[`${objects}/${prefix}/*`] =
      'What checks for drift keep; it is filed under the names of checks and the fingerprints of schemas.';
  }
  for (const upstream of before) {
    for (const folder of ['attestations', 'evidence', 'bundles'])
      wildcards[`${seenFrom(stack, upstream)}/${folder}/*`] =
        'Bundles, attestations and evidence of an environment before, each under its digest; nothing else of that bucket can be read.';
    const there = 'keys' in upstream ? Stack.of(upstream) : upstream;
    wildcards[nagArn(pipeline, 'kms', 'key/*', there)] =
      'No policy names an alias: only keys that are asked for by the two aliases of the environment before, to verify.';
  }
  Validations.of(pipeline).acknowledge(
    ...Object.entries(wildcards).map(([resource, reason]) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
      reason,
    })),
    {
      id: 'AwsSolutions::AwsSolutions-APIG4',
      reason:
        'Approvers have no AWS credentials in a browser. The link carries 128 unguessable bits, GET changes nothing, POST needs the nonce of the page; the ledger takes one decision.',
    },
  );
};

const DRIFT =
  'The executions of the machine that checks for drift, and the children of its map; their names are not known at deployment.';

/** How cdk-nag calls a bucket's ARN: by its logical id or, where another stack has it, by the name it is exported under. */
const seenFrom = (stack: Stack, upstream: PromotionPath['after'][number]): string => {
  if (!('keys' in upstream)) return `arn:${nagName(stack.partition, 'Partition')}:s3:::${upstream.bucket}`;
  const { bucket } = upstream;
  const owner = Stack.of(bucket);
  if (owner === stack) return `<${stack.getLogicalId(bucket.node.defaultChild as never)}.Arn>`;
  // Between accounts nothing is exported: the bucket has a name that is known.
  if (owner.environment !== stack.environment) return stack.resolve(bucket.bucketArn);
  return stack.resolve(owner.exportValue(bucket.bucketArn))['Fn::ImportValue'];
};
