import { readFile } from 'node:fs/promises';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { GitHubPlanRole, GitHubRunRole } from '../../lib/pipeline/github-roles.ts';
import { MigrationPipeline } from '../../lib/pipeline/migration-pipeline.ts';
import { actionsOf, flaws, policies, resourcesFor, type Statement } from './statements.ts';
import { emptyApp, only, templateOf } from './template.ts';

const repository = 'acme/orders';
const machine = 'arn:aws:states:eu-central-1:123456789012:stateMachine:lockstep-orders-test';

/** A pipeline, and both roles in its own stack or in another one; and what cdk-nag says of all. */
const rolesIn = async (where: 'its stack' | 'another stack') => {
  const app = await emptyApp();
  const stack = new Stack(app, 'Stack');
  const pipeline = new MigrationPipeline(stack, 'Migrations', {
    ...{ service: 'orders', environment: 'test' },
    fleet: [{ cluster: 'one', secret: 'one', databases: ['acme'] }],
  });
  const own = where === 'its stack' ? stack : new Stack(app, 'Roles');
  new GitHubPlanRole(own, 'MigrationsGitHubPlanRole', { repository, pipelines: [pipeline] });
  new GitHubRunRole(own, 'MigrationsGitHubRunRole', {
    ...{ repository, pipeline, maxSessionDuration: Duration.hours(4), attests: ['e2e'] },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const assembly = app.synth();
  const report = JSON.parse(await readFile(`${assembly.directory}/validation-report.json`, 'utf8'));
  return { template: templateOf(assembly.getStackByName(own.stackName).template), report };
};

const { template, report } = await rolesIn('its stack');
const roles = policies(template);

describe('who may take them', () => {
  const claims = (conditions: Record<string, Record<string, string>>) => [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
      Condition: conditions,
    },
  ];
  const aud = { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' };
  const sub = (text: string) => ({ 'token.actions.githubusercontent.com:sub': text });

  test('planning: any pull request and any branch of the one repository', () => {
    expect(trustOf('GitHubPlanRole')).toEqual([
      ...claims({ StringEquals: { ...aud, ...sub('repo:acme/orders:pull_request') } }),
      ...claims({ StringEquals: aud, StringLike: sub('repo:acme/orders:ref:refs/heads/*') }),
    ]);
  });

  test('running: jobs in the one environment', () => {
    expect(trustOf('GitHubRunRole')).toEqual(
      claims({ StringEquals: { ...aud, ...sub('repo:acme/orders:environment:test') } }),
    );
    expect(only(template, 'AWS::IAM::Role', 'GitHubRunRole')).toMatchObject({ MaxSessionDuration: 14_400 });
  });

  test.each([
    ['a pattern of repositories', { repository: 'acme/*' }, 'repository: owner/name, not "acme/*"'],
    ['no owner', { repository: 'orders' }, 'repository: owner/name, not "orders"'],
    ['a pattern as subject', { repository, subject: 'repo:acme/*' }, 'no wildcards'],
    ['the result of any check', { repository, attests: ['*'] }, 'attests: no check is called *'],
    ['an environment with a pattern', { repository, environment: 'prod*' }, 'environment: letters'],
  ])('never %s', async (_, props, sentence) => {
    const stack = new Stack(await emptyApp(), 'Stack');
    const fleet = [{ cluster: 'one', secret: 'one', databases: ['acme'] }];
    const pipeline = new MigrationPipeline(stack, 'Migrations', { service: 'orders', environment: 'test', fleet });
    expect(() => new GitHubRunRole(stack, 'Role', { pipeline, ...props })).toThrow(sentence);
  });

  const trustOf = (id: string): unknown =>
    (only(template, 'AWS::IAM::Role', id).AssumeRolePolicyDocument as { Statement: unknown }).Statement;
});

describe('what they may do', () => {
  const plan = [
    ...['s3:GetObject', 's3:PutObject', 'ssm:GetParametersByPath', 'states:DescribeExecution', 'states:StartExecution'],
  ];

  test('is written down here, and nothing else', () => {
    expect(actions('GitHubPlan')).toEqual(plan);
    expect(actions('GitHubRun')).toEqual(
      [
        ...plan,
        'dynamodb:GetItem',
        'dynamodb:Query',
        'execute-api:Invoke',
        'states:GetExecutionHistory',
        'states:ListExecutions',
      ].sort(),
    );
    expect([...roles.get('GitHubPlan')!, ...roles.get('GitHubRun')!].flatMap(flaws)).toEqual([]);
  });

  test('is, for whoever may only attest, to find the pipeline and to say how these checks went', async () => {
    const app = await emptyApp();
    const stack = new Stack(app, 'Stack');
    const fleet = [{ cluster: 'one', secret: 'one', databases: ['acme'] }];
    const pipeline = new MigrationPipeline(stack, 'Migrations', { service: 'orders', environment: 'test', fleet });
    pipeline.grantAttest(new Role(stack, 'MigrationsTesterRole', { assumedBy: new AccountPrincipal('123456789012') }), [
      'e2e',
    ]);
    const tester = policies(templateOf(app.synth().getStackByName('Stack').template)).get('Tester')!;
    expect(tester.flatMap(actionsOf).toSorted()).toEqual(['execute-api:Invoke', 'ssm:GetParametersByPath']);
    expect(resourcesFor(tester, /^ssm/)).toEqual(resourcesFor(roles.get('GitHubPlan')!, /^ssm/));
  });

  test('is to start previews only, for the one that any branch can have', () => {
    expect(resourcesFor(roles.get('GitHubPlan')!, /StartExecution/)).toEqual([`${machine}-preview`]);
    expect(resourcesFor(roles.get('GitHubPlan')!, /PutObject/)).toEqual(['<Bundles.Arn>/previews/*']);
    expect(resourcesFor(roles.get('GitHubRun')!, /StartExecution/).sort()).toEqual([machine, `${machine}-preview`]);
  });

  test('is to announce a run and to say how one check went, and neither to answer what people are asked nor to read the keys of that, or by which a run is woken', () => {
    expect(resourcesFor(roles.get('GitHubRun')!, /^execute-api/).toSorted()).toEqual([
      'arn:aws:execute-api:eu-central-1:123456789012:<ApprovalApi>/$default/POST/bundles/*/evidence/e2e',
      'arn:aws:execute-api:eu-central-1:123456789012:<ApprovalApi>/$default/POST/runs/*/announcement',
    ]);
    expect(roles.get('GitHubRun')!.filter((it) => actionsOf(it).includes('dynamodb:Query'))).toMatchObject([
      { Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CONTROL#*', 'RUN#*'] } } },
    ]);
    for (const role of ['GitHubPlan', 'GitHubRun'])
      expect(actions(role).filter((it) => /SendTask|UpdateItem|PutItem|rds|secretsmanager|iam/.test(it))).toEqual([]);
  });

  const actions = (role: string) => [...new Set((roles.get(role) as Statement[]).flatMap(actionsOf))].sort();
});

test.each(['its stack', 'another stack'] as const)(
  'cdk-nag finds nothing unanswered with the roles in %s',
  async (where) => {
    const { pluginReports } = where === 'its stack' ? report : (await rolesIn(where)).report;
    expect(pluginReports).toMatchObject([{ pluginName: 'AwsSolutions', conclusion: 'success', violations: [] }]);
  },
);
