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

  const operations: Record<string, (form: URLSearchParams) => [action: string, resource: string][]> = {
    DescribeDBClusters: (form) => [['DescribeDBClusters', cluster(form.get('DBClusterIdentifier'))]],
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
