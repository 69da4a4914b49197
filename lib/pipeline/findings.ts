import { Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { driftMachineName } from './drift-machine-name.ts';
import { PREVIEWS, previewMachineName } from './preview-machine.ts';
import { restoreMachineName } from './restore-machine-name.ts';

/**
 * Answers what cdk-nag's AwsSolutions pack asks of a pipeline, finding by finding. What else holds for the roles (no
 * wildcard action, `*` for traces and log delivery only) a test checks on the synthesized template.
 */
export const acknowledgeFindings = (
  pipeline: Construct,
  it: {
    bucket: Bucket;
    previous: Bucket | undefined;
    stateMachineName: string;
    /** Other resources with a wildcard, and why. */
    more: Record<string, string>;
  },
): void => {
  const { bucket, previous, stateMachineName, more } = it;
  const stack = Stack.of(pipeline);
  const objects = `<${stack.getLogicalId(bucket.node.defaultChild as never)}.Arn>`;
  const place = '<AWS::Region>:<AWS::AccountId>';
  const wildcards: Record<string, string> = {
    '*': 'X-Ray, the delivery of Step Functions logs and the quotas of RDS have no resource-level permissions, and CloudWatch tells of composite alarms only to whom it may tell of all; the statements with "*" hold their actions only.',
    [`${objects}/bundles/*`]:
      'A bundle is named by its content, which is not known at deployment; the prefix holds bundles only.',
    [`${objects}/runs/*`]: 'Every run has a prefix of its own below this one, which is not known at deployment.',
    [`${objects}/previews/*`]:
      'A bundle that is only planned is named by its content, which is not known at deployment; the prefix holds such only.',
    [`${objects}/${PREVIEWS}`]:
      'Every preview has a prefix of its own below this one, which is not known at deployment; runs have others.',
    [`${objects}/runs/*/plan.json`]: 'Only the plans of runs, whose names are not known at deployment.',
    [`${objects}/runs/*/lint.json`]: 'Only what was found in the SQL of runs, whose names are not known at deployment.',
    [`${objects}/runs/*/facts.json`]: 'Only what the tables of runs are like, whose names are not known at deployment.',
    [`${objects}/runs/*/differences.json`]:
      'Only what is written down of how the databases of a run differ; the names of runs are not known at deployment.',
    [`${objects}/successes/*`]:
      'A success is filed under the digest of its bundle, which is not known at deployment; the prefix holds successes only.',
    [`arn:<AWS::Partition>:rds:${place}:cluster-snapshot:lockstep-*`]:
      'Snapshots are named by cluster and run; only those with our own prefix can be made or deleted.',
    [`arn:<AWS::Partition>:rds:${place}:cluster:lockstep-*`]:
      'Clones are named by cluster and run; only those with our own prefix can be made or deleted.',
    [`arn:<AWS::Partition>:rds:${place}:cluster-snapshot:*`]:
      'RDS lists snapshots only to who may read any of them; the statement holds Describe alone.',
    [`arn:<AWS::Partition>:rds:${place}:cluster:*`]:
      'RDS lists clusters only to who may read any of them; the statement holds Describe alone.',
    [`arn:<AWS::Partition>:rds:${place}:db:*`]:
      'RDS lists instances only to who may read any of them; the statement holds Describe alone.',
    [`arn:<AWS::Partition>:rds:${place}:db:lockstep-*`]:
      'Instances of restored clusters are named by cluster and run; only those with our own prefix can be made.',
    [`arn:<AWS::Partition>:rds:${place}:cluster:*-before-????????????`]:
      'A cluster that was replaced is kept under its name and twelve digits that are not known at deployment.',
    [`arn:<AWS::Partition>:rds:${place}:pg:*`]:
      'An instance is made with the parameter group of the one it replaces, whose name is not known at deployment.',
    [`arn:<AWS::Partition>:rds:${place}:cluster-pg:*`]:
      'A cluster is restored with the parameter group of its source, whose name is not known at deployment.',
    [`arn:<AWS::Partition>:rds:${place}:subgrp:*`]:
      'A cluster is restored into the subnet group of its source, whose name is not known at deployment.',
    [`arn:<AWS::Partition>:states:${place}:mapRun:${stateMachineName}/*`]:
      'The map runs of this one state machine, to be read only; AWS names them.',
    [`arn:<AWS::Partition>:states:${place}:execution:${stateMachineName}:*`]:
      'The executions of this one state machine; their names are not known at deployment.',
    [`arn:<AWS::Partition>:states:${place}:execution:${stateMachineName}/*`]:
      'The child executions of this one state machine, as its distributed maps need; AWS names them.',
    ...more,
  };
  for (const end of [':*', '/*'] as const) {
    wildcards[`arn:<AWS::Partition>:states:${place}:execution:${restoreMachineName(stateMachineName)}${end}`] =
      'The executions of the machine that restores, and the children of its maps; their names are not known at deployment.';
    wildcards[`arn:<AWS::Partition>:states:${place}:execution:${previewMachineName(stateMachineName)}${end}`] =
      'The executions of the machine that previews, and the children of its map; their names are not known at deployment.';
  }
  wildcards[`arn:<AWS::Partition>:states:${place}:execution:${driftMachineName(stateMachineName)}:*`] = DRIFT;
  wildcards[`arn:<AWS::Partition>:states:${place}:execution:${driftMachineName(stateMachineName)}/*`] = DRIFT;
  for (const prefix of ['drift', 'runs/_drift', 'schemas']) {
    wildcards[`${objects}/${prefix}/*`] =
      'What checks for drift keep; it is filed under the names of checks and the fingerprints of schemas.';
  }
  if (previous) {
    wildcards[`${seenFrom(stack, previous)}/successes/*`] =
      'The successes of the environment before, each filed under the digest of its bundle; nothing else of that bucket can be read.';
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
const seenFrom = (stack: Stack, bucket: Bucket): string => {
  const owner = Stack.of(bucket);
  if (owner === stack) return `<${stack.getLogicalId(bucket.node.defaultChild as never)}.Arn>`;
  return stack.resolve(owner.exportValue(bucket.bucketArn))['Fn::ImportValue'];
};
