import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Fleet, sourceOf, tableOf } from './fleet-props.ts';
import { allow } from './functions.ts';
import { nagArn } from './nag-names.ts';
import { secretArn } from './secret-arn.ts';

/** How far a fleet reaches: what a role may do to its clusters, and what to its secrets. */
export type FleetReach = {
  /**
   * Statements for some clusters or patterns each (CDK spreads statements over policies as IAM's size limits ask; one
   * long statement it can't); where the fleet is found by tags, for clusters that carry them only.
   */
  toClusters(...actions: string[]): PolicyStatement[];
  toSecrets(action: string): PolicyStatement[];
  /** What it takes to find out who belongs to the fleet, and whether they can be worked on. */
  toFind: PolicyStatement[];
  /** Resources with a wildcard among these, and why. */
  wildcards: Record<string, string>;
};

export const fleetReach = (scope: Construct, fleet: Fleet): FleetReach => {
  const source = sourceOf(fleet);
  const { partition, region, account } = Stack.of(scope);
  const rds = (kind: string, name: string) => `arn:${partition}:rds:${region}:${account}:${kind}:${name}`;
  const [clusters, secrets] = Array.isArray(source)
    ? [source.map(({ cluster }) => cluster), source.map(({ secret }) => secretArn(scope, secret))]
    : [source.within.clusters, source.within.secrets.map((pattern) => secretArn(scope, pattern))];
  const tags = !Array.isArray(source) && source.source === 'tags' ? source.tags : undefined;
  const tagged = tags && {
    StringEquals: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
  };
  const arns = clusters.map((name) => rds('cluster', name));
  // Several actions repeat themselves in each statement, and one is spread best one by one.
  const toClusters = (...actions: string[]) =>
    inParts(arns, actions.length === 1 ? 1 : 20).map((part) => allow(actions, part, tagged));
  const toSecrets = (action: string) => secrets.map((resource) => allow([action], [resource]));
  return {
    toClusters,
    toSecrets,
    toFind: [
      allow(['rds:DescribeDBClusters'], [rds('cluster', '*')]),
      allow(['rds:DescribeDBInstances'], [rds('db', '*')]),
      ...(Array.isArray(source) ? [] : bySource(scope, fleet, { rds, sql: [toClusters, toSecrets] })),
    ],
    wildcards: wildcardsOf(scope, fleet),
  };
};

const inParts = <Item>(all: Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));

type Grants = (action: string) => PolicyStatement[];

const bySource = (
  scope: Construct,
  fleet: Fleet,
  { rds, sql: [toClusters, toSecrets] }: { rds: (kind: string, name: string) => string; sql: [Grants, Grants] },
): PolicyStatement[] => {
  const source = sourceOf(fleet);
  if (Array.isArray(source)) return [];
  if (source.source === 'tags') {
    return source.databases === 'all'
      ? [...toClusters('rds-data:ExecuteStatement'), ...toSecrets('secretsmanager:GetSecretValue')]
      : [];
  }
  if (source.source === 'query') {
    const actions = ['BeginTransaction', 'ExecuteStatement', 'RollbackTransaction'].map((it) => `rds-data:${it}`);
    return [
      allow(actions, [rds('cluster', source.cluster)]),
      allow(['secretsmanager:GetSecretValue'], [secretArn(scope, source.secret)]),
    ];
  }
  const table = tableOf(fleet)!;
  return [
    allow(['dynamodb:Scan'], [table.tableArn]),
    ...(table.encryptionKey ? [allow(['kms:Decrypt'], [table.encryptionKey.keyArn])] : []),
  ];
};

/** As cdk-nag writes them. */
const wildcardsOf = (scope: Construct, fleet: Fleet): Record<string, string> => {
  const source = sourceOf(fleet);
  const arn = (service: string, rest: string) => nagArn(scope, service, rest);
  const bounds =
    'The fleet is found when a run begins; its names are not known at deployment, and bounded by this pattern that the declaration gives.';
  return {
    [arn('rds', 'cluster:*')]:
      'RDS lists clusters as a whole or one by one; only their descriptions can be read, with no data in them.',
    [arn('rds', 'db:*')]:
      'The writers of clusters, which RDS names; only their descriptions can be read, with no data in them.',
    ...(Array.isArray(source)
      ? {}
      : Object.fromEntries([
          ...source.within.clusters.map((it) => [arn('rds', `cluster:${it}`), bounds]),
          ...source.within.secrets.map((it) => [arn('secretsmanager', `secret:${it}-??????`), bounds]),
        ])),
  };
};
