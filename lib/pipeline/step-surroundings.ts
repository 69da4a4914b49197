import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Rollout } from '../fleet/rollout.ts';
import type { ApprovalPolicy } from '../policy/approval-policy.ts';
import type { FleetReach } from './fleet-reach.ts';
import type { JsonAsset } from './json-asset.ts';
import type { PromotionReach } from './promotion-reach.ts';
import type { MigrationPipelineProps } from './props.ts';

/** What the functions of a pipeline's steps find around them. */
export type StepSurroundings = Omit<MigrationPipelineProps, 'fleet'> & {
  bucket: Bucket;
  ledger: Table;
  topic: Topic;
  fleet: JsonAsset & { reach: FleetReach; table: string | undefined };
  policy: ApprovalPolicy | null;
  policyAsset: JsonAsset | null;
  rollout: Rollout;
  /** How bundles come here; undefined where any may. */
  arrival: PromotionReach | undefined;
  attestationKey: Key;
  approvalUrl: string;
  stateMachineArn: string;
  stateMachineName: string;
};
