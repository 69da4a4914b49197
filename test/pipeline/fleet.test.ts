import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { Fleet } from '../../lib/pipeline/fleet-props.ts';
import { MigrationPipeline } from '../../lib/pipeline/migration-pipeline.ts';
import { InvalidProps } from '../../lib/pipeline/props.ts';
import { actionsOf, policies, resourcesOf, type Statement } from './statements.ts';
import { emptyApp, only, pipelineTemplate, templateOf } from './template.ts';

const within = { clusters: ['orders-*'], secrets: ['lockstep/orders-*', 'rds!cluster-*'] };
const at = 'eu-central-1:123456789012';
const [cluster, secrets] = [
  `arn:aws:rds:${at}:cluster:orders-*`,
  within.secrets.map((it) => `arn:aws:secretsmanager:${at}:secret:${it}-??????`),
];
const query = { cluster: 'control', secret: 'lockstep/control', database: 'control', sql: 'SELECT 1' };

/** A pipeline with this fleet, and what cdk-nag says of it. */
const synthesized = async (make: (stack: Stack) => Fleet) => {
  const app = await emptyApp();
  const stack = new Stack(app, 'Stack');
  new MigrationPipeline(stack, 'Migrations', { service: 'orders', environment: 'test', fleet: make(stack) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const assembly = app.synth();
  const report = JSON.parse(await readFile(join(assembly.directory, 'validation-report.json'), 'utf8'));
  const { violations } = report.pluginReports[0];
  return { violations, template: templateOf(assembly.getStackByName('Stack').template) };
};

const granted = (statements: Statement[], service: RegExp) =>
  statements
    .filter((it) => actionsOf(it).some((action) => service.test(action)))
    .map((it) => [actionsOf(it).toString(), resourcesOf(it).toString(), it.Condition])
    .toSorted();

const describing = [
  ['rds:DescribeDBClusters', `arn:aws:rds:${at}:cluster:*`, undefined],
  ['rds:DescribeDBInstances', `arn:aws:rds:${at}:db:*`, undefined],
];

describe('a fleet that is found', () => {
  test('by tags is reached by its names and its tags only', async () => {
    const { template, violations } = await synthesized(() => Fleet.byTags({ tags: { service: 'orders' }, within }));
    const roles = policies(template);
    const tagged = { StringEquals: { 'aws:ResourceTag/service': 'orders' } };
    for (const role of ['InspectCluster', 'Apply', 'Verify']) {
      expect(granted(roles.get(role)!, /^(rds-data|secretsmanager):/)).toEqual([
        ['rds-data:ExecuteStatement', cluster, tagged],
        ['secretsmanager:GetSecretValue', secrets.toString(), undefined],
      ]);
    }
    expect(granted(roles.get('EnsureRestorePoint')!, /CreateDBClusterSnapshot/)).toContainEqual([
      ...['rds:CreateDBClusterSnapshot', cluster, tagged],
    ]);
    expect(granted(roles.get('Discover')!, /^(rds|rds-data|secretsmanager):/)).toEqual(describing);
    expect(violations).toEqual([]);
  });

  test('may be asked for its databases where that is wanted', async () => {
    const fleet = Fleet.byTags({ tags: { service: 'orders' }, databases: 'all', within });
    const { template } = await synthesized(() => fleet);
    expect(granted(policies(template).get('Discover')!, /^(rds-data|secretsmanager):/)).toMatchObject([
      ['rds-data:ExecuteStatement', cluster, { StringEquals: { 'aws:ResourceTag/service': 'orders' } }],
      ['secretsmanager:GetSecretValue', secrets.toString(), undefined],
    ]);
  });

  test('in a table is read there, with its key, and known by its name to the step and to the command line', async () => {
    const { template, violations } = await synthesized((stack) => {
      const table = new Table(stack, 'Tenants', {
        partitionKey: { name: 'tenant', type: AttributeType.STRING },
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        encryption: TableEncryption.CUSTOMER_MANAGED,
        encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }),
      });
      return Fleet.fromTable(table, { within });
    });
    const discover = policies(template).get('Discover')!;
    expect(granted(discover, /^(dynamodb|kms):/)).toEqual([
      ['dynamodb:Scan', expect.stringMatching(/^<Tenants\w*\.Arn>$/), undefined],
      ['kms:Decrypt', expect.stringMatching(/^<Key\w*\.Arn>$/), undefined],
    ]);
    expect(only(template, 'AWS::Lambda::Function', 'Discover')).toMatchObject({
      Environment: { Variables: { FLEET_TABLE: expect.stringMatching(/^<Tenants\w*>$/) } },
    });
    expect(JSON.stringify(only(template, 'AWS::SSM::Parameter'))).toMatch(/\\"table\\":\\"<Tenants\w*>\\"/);
    expect(violations).toEqual([]);
  });

  test('by a query has it sent to that one cluster, in a transaction', async () => {
    const { template, violations } = await synthesized(() => Fleet.fromQuery({ ...query, within }));
    const control = `arn:aws:rds:${at}:cluster:control`;
    expect(granted(policies(template).get('Discover')!, /^(rds-data|secretsmanager):/)).toEqual([
      ['rds-data:BeginTransaction,rds-data:ExecuteStatement,rds-data:RollbackTransaction', control, undefined],
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:${at}:secret:lockstep/control-??????`, undefined],
    ]);
    expect(granted(policies(template).get('Apply')!, /^rds-data:/)).toEqual([
      ['rds-data:ExecuteStatement', cluster, undefined],
    ]);
    expect(violations).toEqual([]);
  });

  test.each<[string, Fleet, string]>([
    ['without tags', Fleet.byTags({ tags: {}, within }), 'fleet.tags: name at least one tag'],
    [
      "by a tag of AWS's own",
      Fleet.byTags({ tags: { 'aws:cloudformation:stack-name': 'x' }, within }),
      'fleet.tags.aws:cloudformation:stack-name: a tag has 1 to 128 letters',
    ],
    [
      'by a tag that no resource can have',
      Fleet.byTags({ tags: { team: '$' + '{aws:username}' }, within }),
      'fleet.tags.team: at most 256 letters, digits, blanks',
    ],
    [
      'with every cluster within its bounds',
      Fleet.byTags({ tags: { a: 'b' }, within: { ...within, clusters: ['*'] } }),
      'fleet.within.clusters.0: letters a-z, digits and hyphens, with * for any; it begins with three characters',
    ],
    [
      'with every secret within its bounds',
      Fleet.fromQuery({ ...query, within: { ...within, secrets: ['*'] } }),
      'fleet.within.secrets.0: letters, digits and /_+=.@!-, with * for any',
    ],
    [
      'by a query that is none',
      Fleet.fromQuery({ ...query, sql: 'DELETE FROM t', within }),
      'fleet.sql: a SELECT, not',
    ],
    [
      'by two queries',
      Fleet.fromQuery({ ...query, sql: 'SELECT 1; SELECT 2', within }),
      'fleet.sql: one statement, without a semicolon',
    ],
    [
      'by a query elsewhere',
      Fleet.fromQuery({ ...query, cluster: 'arn:aws:rds:eu-west-1:1:cluster:x', within }),
      'fleet.cluster: a cluster identifier is',
    ],
    [
      'with a label that nobody can read',
      [{ cluster: 'a', secret: 'a', databases: [{ name: 'x', labels: { tier: '' } }] }],
      'fleet.0.databases.0.labels.tier: the value of a label is 1 to 63',
    ],
    [
      'with a label of no name',
      [{ cluster: 'a', secret: 'a', labels: { Tier: 'gold' }, databases: ['x'] }],
      'fleet.0.labels.Tier: the name of a label is 1 to 32',
    ],
    [
      'with a database twice, once with labels',
      [{ cluster: 'a', secret: 'a', databases: ['x', { name: 'x', labels: {} }] }],
      'fleet: the database x stands twice in a',
    ],
  ])('is not synthesized %s', async (_, fleet, problem) => {
    const refused = await pipelineTemplate({ fleet }).catch((error) => error);
    expect(refused).toBeInstanceOf(InvalidProps);
    expect(refused.details.problems).toEqual([expect.stringContaining(problem)]);
  });
});
