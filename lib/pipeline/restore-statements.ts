import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { FleetReach } from './fleet-reach.ts';
import { allow } from './functions.ts';

/**
 * What it takes to look at what can be restored, and to do it. Made and changed is what bears our prefix; besides, the
 * fleet's own clusters are renamed, and what they were renamed to can be gone back to.
 */
export const restoreStatements = (
  scope: Construct,
  { toClusters, toSecrets }: Pick<FleetReach, 'toClusters' | 'toSecrets'>,
): { looking: PolicyStatement[]; working: PolicyStatement[] } => {
  const { partition, region, account } = Stack.of(scope);
  const named = (resource: string) => `arn:${partition}:rds:${region}:${account}:${resource}`;
  const ours = { cluster: named('cluster:lockstep-*'), instance: named('db:lockstep-*') };
  const kept = named('cluster:*-before-????????????');
  const look = [
    // A look through a list is a look at all of them.
    allow(['rds:DescribeDBClusters'], [named('cluster:*')]),
    allow(['rds:DescribeDBInstances'], [named('db:*')]),
  ];
  return {
    looking: [
      ...look,
      allow(['rds:DescribeDBClusterSnapshots'], [named('cluster-snapshot:*')]),
      // The account's attributes are no resource.
      allow(['rds:DescribeAccountAttributes'], ['*']),
    ],
    working: [
      ...look,
      allow(
        ['rds:RestoreDBClusterFromSnapshot'],
        [ours.cluster, named('cluster-snapshot:lockstep-*'), named('cluster-pg:*'), named('subgrp:*')],
      ),
      allow(['rds:RestoreDBClusterToPointInTime'], [named('cluster-pg:*'), named('subgrp:*')]),
      allow(['rds:ModifyDBCluster'], [named('cluster-pg:*')]),
      allow(['rds:CreateDBInstance'], [ours.cluster, ours.instance, named('pg:*')]),
      allow(['rds:AddTagsToResource'], [ours.cluster, ours.instance]),
      allow(['rds:RemoveTagsFromResource'], [ours.cluster]),
      allow([...ON_CLUSTERS], [ours.cluster, kept]),
      ...toClusters(...ON_CLUSTERS),
      ...toSecrets('secretsmanager:GetSecretValue'),
    ],
  };
};

/** Names change places, so what may be done to the new cluster may be done to the old one. */
const ON_CLUSTERS = [
  'rds:RestoreDBClusterToPointInTime',
  'rds:ModifyDBCluster',
  'rds:EnableHttpEndpoint',
  'rds:DisableHttpEndpoint',
  'rds-data:ExecuteStatement',
] as const;
