import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { RestorePointKind } from '../fleet/restore-point-kind.ts';
import { allow } from './functions.ts';

/** What it takes to make restore points of a kind, and to find out beforehand whether there is room for them. */
export const restorePointStatements = (
  scope: Construct,
  { kind, clusters }: { kind: RestorePointKind; clusters: string[] },
): { quota: PolicyStatement[]; taking: PolicyStatement[] } => {
  const { partition, region, account } = Stack.of(scope);
  const named = (resource: string) => `arn:${partition}:rds:${region}:${account}:${resource}`;
  const ours = { snapshots: named('cluster-snapshot:lockstep-*'), clusters: named('cluster:lockstep-*') };
  // A look through a list is a look at all of them.
  const look = {
    clusters: allow(['rds:DescribeDBClusters'], [named('cluster:*')]),
    snapshots: allow(['rds:DescribeDBClusterSnapshots'], [named('cluster-snapshot:*'), named('cluster:*')]),
  };
  const each = (action: string, resources: string[]) => resources.map((resource) => allow([action], [resource]));
  // The account's attributes are no resource.
  const attributes = allow(['rds:DescribeAccountAttributes'], ['*']);
  switch (kind) {
    case 'snapshot':
      return {
        quota: [attributes, look.snapshots],
        taking: [
          look.snapshots,
          ...each('rds:CreateDBClusterSnapshot', [...clusters, ours.snapshots]),
          allow(['rds:AddTagsToResource', 'rds:DeleteDBClusterSnapshot'], [ours.snapshots]),
        ],
      };
    case 'clone':
      return {
        quota: [attributes, look.clusters],
        taking: [
          look.clusters,
          ...each('rds:RestoreDBClusterToPointInTime', [...clusters, ours.clusters]),
          // A clone is made with the network and the parameters of its source, whatever those are called.
          allow(['rds:RestoreDBClusterToPointInTime'], [named('cluster-pg:*'), named('subgrp:*')]),
          allow(['rds:AddTagsToResource', 'rds:DeleteDBCluster'], [ours.clusters]),
        ],
      };
    case 'pointInTime':
      return { quota: [], taking: [look.clusters] };
  }
};
