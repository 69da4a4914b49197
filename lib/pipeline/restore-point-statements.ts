import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { RestorePointKind } from '../fleet/restore-point-kind.ts';
import type { FleetReach } from './fleet-reach.ts';
import { allow } from './functions.ts';

/** What it takes to make restore points of a kind, and to find out beforehand whether there is room for them. */
export const restorePointStatements = (
  scope: Construct,
  { kind, toClusters }: { kind: RestorePointKind; toClusters: FleetReach['toClusters'] },
): { quota: PolicyStatement[]; taking: PolicyStatement[] } => {
  const { partition, region, account } = Stack.of(scope);
  const named = (resource: string) => `arn:${partition}:rds:${region}:${account}:${resource}`;
  const ours = { snapshots: named('cluster-snapshot:lockstep-*'), clusters: named('cluster:lockstep-*') };
  // A look through a list is a look at all of them.
  const look = {
    clusters: allow(['rds:DescribeDBClusters'], [named('cluster:*')]),
    snapshots: allow(['rds:DescribeDBClusterSnapshots'], [named('cluster-snapshot:*'), named('cluster:*')]),
  };
  // The account's attributes are no resource.
  const attributes = allow(['rds:DescribeAccountAttributes'], ['*']);
  switch (kind) {
    case 'snapshot':
      return {
        quota: [attributes, look.snapshots],
        taking: [
          look.snapshots,
          ...toClusters('rds:CreateDBClusterSnapshot'),
          allow(['rds:CreateDBClusterSnapshot'], [ours.snapshots]),
          allow(['rds:AddTagsToResource', 'rds:DeleteDBClusterSnapshot'], [ours.snapshots]),
        ],
      };
    case 'clone':
      return {
        quota: [attributes, look.clusters],
        taking: [
          look.clusters,
          ...toClusters('rds:RestoreDBClusterToPointInTime'),
          allow(['rds:RestoreDBClusterToPointInTime'], [ours.clusters]),
          // A clone is made with the network and the parameters of its source, whatever those are called.
          allow(['rds:RestoreDBClusterToPointInTime'], [named('cluster-pg:*'), named('subgrp:*')]),
          allow(['rds:AddTagsToResource', 'rds:DeleteDBCluster'], [ours.clusters]),
        ],
      };
    case 'pointInTime':
      return { quota: [], taking: [look.clusters] };
  }
};
