import { entries } from '../../protocol/query.ts';
import type { Place } from '../../service.ts';
import type { Check } from '../authorizer.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInQuery } from '../refusals.ts';
import { entryOf } from './json-operation.ts';
import { formOf } from './query-operation.ts';

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
export const rdsActions = (place: Place): Mapping => {
  const named = (kind: string) => (identifier: string | null) =>
    identifier?.startsWith('arn:')
      ? identifier
      : `arn:${place.partition}:rds:${place.region}:${place.account}:${kind}:${(identifier || '*').toLowerCase()}`;
  const cluster = named('cluster');
  const snapshot = named('cluster-snapshot');
  const instance = named('db');
  /** The groups that a request names, and the tags it gives to what it makes. */
  const besides = (form: URLSearchParams, action: string, made: string): [string, string][] => {
    const groups = {
      DBSubnetGroupName: 'subgrp',
      DBClusterParameterGroupName: 'cluster-pg',
      DBParameterGroupName: 'pg',
    };
    return [
      ...Object.entries(groups).flatMap(([member, kind]): [string, string][] =>
        form.has(member) ? [[action, named(kind)(form.get(member))]] : [],
      ),
      ...(entries(form, 'Tags.Tag').length > 0 ? [['AddTagsToResource', made] as [string, string]] : []),
    ];
  };
  const onCluster =
    (action: string) =>
    (form: URLSearchParams): [string, string][] => [[action, cluster(form.get('DBClusterIdentifier'))]];

  const operations: Record<string, (form: URLSearchParams) => [action: string, resource: string][]> = {
    DescribeDBClusters: onCluster('DescribeDBClusters'),
    StopDBCluster: onCluster('StopDBCluster'),
    StartDBCluster: onCluster('StartDBCluster'),
    ModifyDBCluster: (form) => {
      const modified = cluster(form.get('DBClusterIdentifier'));
      return [['ModifyDBCluster', modified], ...besides(form, 'ModifyDBCluster', modified)];
    },
    DeleteDBCluster: (form) => [
      ...onCluster('DeleteDBCluster')(form),
      ...(form.has('FinalDBSnapshotIdentifier')
        ? [['DeleteDBCluster', snapshot(form.get('FinalDBSnapshotIdentifier'))] as [string, string]]
        : []),
    ],
    RestoreDBClusterFromSnapshot: (form) => {
      const action = 'RestoreDBClusterFromSnapshot';
      const made = cluster(form.get('DBClusterIdentifier'));
      return [[action, made], [action, snapshot(form.get('SnapshotIdentifier'))], ...besides(form, action, made)];
    },
    RestoreDBClusterToPointInTime: (form) => {
      const action = 'RestoreDBClusterToPointInTime';
      const made = cluster(form.get('DBClusterIdentifier'));
      const source = cluster(form.get('SourceDBClusterIdentifier'));
      return [[action, made], [action, source], ...besides(form, action, made)];
    },
    CreateDBInstance: (form) => {
      const made = instance(form.get('DBInstanceIdentifier'));
      return [
        ['CreateDBInstance', made],
        ...onCluster('CreateDBInstance')(form),
        ...besides(form, 'CreateDBInstance', made),
      ];
    },
    DescribeDBInstances: (form) => [['DescribeDBInstances', instance(form.get('DBInstanceIdentifier'))]],
    ModifyDBInstance: (form) => {
      const modified = instance(form.get('DBInstanceIdentifier'));
      return [['ModifyDBInstance', modified], ...besides(form, 'ModifyDBInstance', modified)];
    },
    DeleteDBInstance: (form) => [['DeleteDBInstance', instance(form.get('DBInstanceIdentifier'))]],
    DescribeAccountAttributes: () => [['DescribeAccountAttributes', '*']],
    EnableHttpEndpoint: (form) => [['EnableHttpEndpoint', form.get('ResourceArn') ?? '*']],
    DisableHttpEndpoint: (form) => [['DisableHttpEndpoint', form.get('ResourceArn') ?? '*']],
    CreateDBClusterSnapshot: (form) => {
      const made = snapshot(form.get('DBClusterSnapshotIdentifier'));
      return [
        ['CreateDBClusterSnapshot', cluster(form.get('DBClusterIdentifier'))],
        ['CreateDBClusterSnapshot', made],
        ...(entries(form, 'Tags.Tag').length > 0 ? [['AddTagsToResource', made] as [string, string]] : []),
      ];
    },
    DeleteDBClusterSnapshot: (form) => [['DeleteDBClusterSnapshot', snapshot(form.get('DBClusterSnapshotIdentifier'))]],
    // Asked for by its cluster, a snapshot is of no name yet.
    DescribeDBClusterSnapshots: (form) => [
      ...(form.get('DBClusterIdentifier')
        ? [['DescribeDBClusterSnapshots', cluster(form.get('DBClusterIdentifier'))] as [string, string]]
        : []),
      ['DescribeDBClusterSnapshots', snapshot(form.get('DBClusterSnapshotIdentifier'))],
    ],
    ListTagsForResource: (form) => [['ListTagsForResource', form.get('ResourceName') ?? '*']],
    AddTagsToResource: (form) => [['AddTagsToResource', form.get('ResourceName') ?? '*']],
    RemoveTagsFromResource: (form) => [['RemoveTagsFromResource', form.get('ResourceName') ?? '*']],
  };

  return {
    checks(request) {
      const form = formOf(request);
      const keys = tagKeys(form);
      return entryOf(
        operations,
        form.get('Action') ?? '',
      )?.(form).map(([action, resource]): Check => ({ action: `rds:${action}`, resource, keys }));
    },
    refuse: refuseInQuery('AccessDenied', 'http://rds.amazonaws.com/doc/2014-10-31/'),
  };
};

const tagKeys = (form: URLSearchParams) => {
  const tags = entries(form, 'Tags.Tag').map(({ Key = '', Value = '' }) => [Key, Value] as const);
  const removed = entries(form, 'TagKeys.member').flatMap((entry) => Object.values(entry));
  const names = [...tags.map(([key]) => key), ...removed];
  return {
    ...(names.length > 0 ? { 'aws:tagkeys': names } : {}),
    ...Object.fromEntries(
      tags.flatMap(([key, value]) => [
        [`aws:requesttag/${key.toLowerCase()}`, [value]],
        [`rds:req-tag/${key.toLowerCase()}`, [value]],
      ]),
    ),
  };
};
